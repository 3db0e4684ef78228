"""Where things lie. Nothing outside BUILD, CACHE and ARTIFACTS is ever removed by these tools, but
for temporary folders that the running command made itself."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
CACHE = ROOT / ".cache"
ARTIFACTS = ROOT / "artifacts"
LOGS = BUILD / "logs"
ENGINE = ROOT / "engine"


def shown(path) -> str:
    """The path as a person would type it from here."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("../..") else relative

"""A real source tree for the demo, from what every machine has: the Python library and the C and C++ headers; and odd names."""

import os
import random
import shutil
import sysconfig
from pathlib import Path

MAX_FILES = 6000
MAX_FILE_BYTES = 2 << 20
_SKIPPED_FOLDERS = {"__pycache__", "site-packages", "dist-packages", "lib-dynload", "config-3", "node_modules"}


def _text_files(folder: Path):
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if f not in _SKIPPED_FOLDERS)
        for name in sorted(names):
            path = Path(here, name)
            if path.is_symlink() or not path.is_file() or not 0 < path.stat().st_size <= MAX_FILE_BYTES:
                continue
            # Names that .gitignore files of that tree might leave out are not copied either.
            if not name.startswith(".git") and b"\0" not in path.read_bytes()[:1024]:
                yield path


def _copy(source: Path, target: Path, at_most: int) -> int:
    count = 0
    for path in _text_files(source):
        if count == at_most:
            break
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
        copy.chmod(0o644)
        count += 1
    return count


def _odd_ones(target: Path) -> None:
    odd = target / "odd names"
    odd.mkdir()
    texts = {"日本語のメモ.txt": "御蔵\n", "two  spaces and a ' quote.txt": "x\n", "-begins-with-a-dash": "-\n", "emoji 🗝.md": "key\n", "per%cent & plus+": "%\n",
             "empty": "", "x" * 200: "a long name\n", "Großbuchstaben.TXT": "ß\n"}
    for name, text in texts.items():
        (odd / name).write_text(text, encoding="utf-8")
    script = odd / "run me.sh"
    script.write_text("#!/bin/sh\necho mikura\n", encoding="utf-8")
    script.chmod(0o755)
    (odd / "link").symlink_to("日本語のメモ.txt")
    (odd / "dangling link").symlink_to("nowhere/at all")
    (target / "an empty folder").mkdir()
    # Random bytes do not compress, so this one also shows what large content costs.
    (target / "large.bin").write_bytes(random.Random(1).randbytes(5 << 20))


def make(target: Path) -> int:
    """Makes the tree; answers the number of files."""
    target.mkdir()
    count = _copy(Path(sysconfig.get_paths()["stdlib"]), target / "python", MAX_FILES * 2 // 3)
    if Path("/usr/include").is_dir():
        count += _copy(Path("/usr/include"), target / "include", MAX_FILES - count)
    _odd_ones(target)
    return sum(len(names) for _, _, names in os.walk(target))

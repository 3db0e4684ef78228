"""Configuring and building the presets of CMakePresets.json."""

import json
import os
import re

from . import console, process, setup
from .paths import BUILD, ROOT

PRESETS = ["release", "package", "debug", "asan", "tsan", "clang"]
_CLANG_PRESETS = ["asan", "tsan", "clang"]
_NINJA_PROGRESS = re.compile(r"^\[(\d+)/(\d+)\]")


def environment() -> dict:
    env = dict(os.environ)
    # Another checkout of the same source (CI's, say) finds what this one has compiled.
    env.setdefault("CCACHE_BASEDIR", str(ROOT))
    env.setdefault("CCACHE_NOHASHDIR", "true")
    env["CLICOLOR_FORCE"] = "0"
    env["NINJA_STATUS"] = "[%f/%t] "
    return env


def directory(preset: str):
    return BUILD / preset


def binary():
    return directory("release") / "mikura"


def configure(preset: str) -> None:
    """Safe and quick to repeat: CMake keeps what has not changed."""
    words = ["cmake", "--preset", preset]
    if preset in _CLANG_PRESETS and not setup.has_clang():
        console.warn(f"{preset}: clang 19 is not here, g++ is used; fuzzing is left out.")
        words += ["-DCMAKE_C_COMPILER=gcc", "-DCMAKE_CXX_COMPILER=g++", "-DMIKURA_FUZZ=OFF"]
    elif _is_configured(preset):
        return  # ninja runs CMake again when a list file changes
    process.must(process.run(words, log=f"configure-{preset}", env=environment()), f"configuring {preset}")


def _is_configured(preset: str) -> bool:
    """Whether the build directory was made by this CMakePresets.json: its cache variables hold."""
    cache = directory(preset) / "CMakeCache.txt"
    if not cache.exists() or not (directory(preset) / "build.ninja").exists():
        return False
    presets = json.loads((ROOT / "CMakePresets.json").read_text())["configurePresets"]
    wanted = next(p for p in presets if p["name"] == preset).get("cacheVariables", {})
    present = dict(re.findall(r"^([\w-]+):[A-Z]+=(.*)$", cache.read_text(), re.MULTILINE))
    return all(present.get(name, "").endswith(value) for name, value in wanted.items())


def build(preset: str, *targets) -> process.Outcome:
    configure(preset)

    def progress(line: str) -> None:
        match = _NINJA_PROGRESS.match(line)
        if match:
            console.note_progress(f"{match[1]}/{match[2]}")

    return process.must(
        process.run(["cmake", "--build", directory(preset), "-j", process.jobs(), "--target", *(targets or ["all"])],
                    log="build-" + "-".join([preset, *targets]), env=environment(), on_line=progress),
        f"building {preset}")

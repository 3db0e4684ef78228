"""clang-tidy 19 over the engine, a few files at once, clean results remembered.

A file is checked again when it, any project file it includes (directly or not), .clang-tidy, its compile command, or the
installed packages of the compiler change. So the first run takes minutes and the next ones seconds.
"""

import hashlib
import json
import re
import time
from pathlib import Path

from . import build, console, process
from .paths import CACHE, ENGINE, ROOT, shown

_INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)
_CLEAN = CACHE / "tidy"
_KEEP_SECONDS = 30 * 24 * 3600


class _Closure:
    """The text hashes of a file and of all project files that it includes."""

    def __init__(self) -> None:
        self._includes = {}
        self._digest = {}

    def _load(self, path: Path) -> None:
        if path in self._digest:
            return
        text = path.read_bytes()
        self._digest[path] = hashlib.sha256(text).hexdigest()
        found = []
        for name in _INCLUDE.findall(text.decode("utf-8", "replace")):
            for base in (ENGINE, path.parent):
                if (base / name).is_file():
                    found.append((base / name).resolve())
                    break
        self._includes[path] = found

    def of(self, path: Path) -> list:
        seen, waiting = set(), [path]
        while waiting:
            current = waiting.pop()
            if current not in seen:
                seen.add(current)
                self._load(current)
                waiting.extend(self._includes[current])
        return sorted(f"{p} {self._digest[p]}" for p in seen)


def _tools() -> str:
    return process.output_of(["clang-tidy-19", "--version"]) + process.output_of(
        ["dpkg-query", "-W", "-f", "${Package} ${Version}\n", "libstdc++-*-dev", "libgtest-dev", "libfmt-dev", "nlohmann-json3-dev",
         "libspdlog-dev", "librapidcheck-dev", "libcli11-dev"])


def _commands() -> list:
    build.configure("clang")
    database = json.loads((build.directory("clang") / "compile_commands.json").read_text())
    return [c for c in database if Path(c["file"]).resolve().is_relative_to(ENGINE)]


def _forget_old() -> None:
    for mark in _CLEAN.iterdir():
        if time.time() - mark.stat().st_mtime > _KEEP_SECONDS:
            mark.unlink()


def run(only=()) -> tuple:
    """(files checked now, files known to be clean, complaints). `only`: parts of paths, to check a few files."""
    _CLEAN.mkdir(parents=True, exist_ok=True)
    closure, tools, config = _Closure(), _tools(), (ROOT / ".clang-tidy").read_text()
    waiting, total = [], 0
    for command in _commands():
        path = Path(command["file"]).resolve()
        if only and not any(part in str(path.relative_to(ROOT)) for part in only):
            continue
        total += 1
        key = hashlib.sha256("\0".join([tools, config, command["command"], *closure.of(path)]).encode()).hexdigest()
        if (_CLEAN / key).exists():
            (_CLEAN / key).touch()
        else:
            waiting.append((path, _CLEAN / key))
    done = []

    def one(item):
        path, mark = item
        name = str(path.relative_to(ENGINE)).replace("/", "-")
        outcome = process.run(["clang-tidy-19", "--quiet", "-p", build.directory("clang"), path], log=f"tidy/{name}")
        done.append(path)
        console.note_progress(f"{len(done)}/{len(waiting)}")
        if outcome.ok:
            mark.touch()
            return ""
        return f"{shown(path)}:\n{outcome.tail}"

    complaints = [text for text in process.for_each(waiting, one) if text]
    _forget_old()
    return len(waiting), total - len(waiting), complaints

"""Reads a source tree: includes of the engine's files, and what their CMakeLists.txt say."""

import re
from dataclasses import dataclass, field
from pathlib import Path

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)
_CALL = re.compile(r"\b(mikura_library|mikura_test|mikura_fuzzer|add_library|target_link_libraries|add_subdirectory)\s*\(([^)]*)\)")
_KEYWORDS = {"SOURCES", "DEPENDS", "PRIVATE_DEPENDS", "TIMEOUT", "PUBLIC", "PRIVATE", "INTERFACE", "OBJECT", "STATIC"}


@dataclass
class SourceFile:
    path: str  # relative to the root, with slashes
    folder: str  # of engine/
    includes: list  # (line, name), written with quotes
    system_includes: list  # (line, name), written with angle brackets

    @property
    def stem(self) -> str:
        return Path(self.path).stem


@dataclass
class Target:
    kind: str  # mikura_library, mikura_test or add_library
    name: str
    words: dict = field(default_factory=dict)  # keyword -> words


def _without_comments(text: str) -> str:
    """C++ source with comments blanked; line numbers stay."""

    def blank(match):
        return re.sub(r"[^\n]", " ", match[0]) if match[0].startswith("/") else match[0]

    return re.sub(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', blank, text, flags=re.DOTALL)


def read_sources(root: Path) -> list:
    files = []
    for path in sorted((root / "engine").rglob("*")):
        if path.suffix not in (".h", ".cc"):
            continue
        text = _without_comments(path.read_text(encoding="utf-8"))
        relative = path.relative_to(root).as_posix()
        quoted, angled = [], []
        for match in _INCLUDE.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            (quoted if match[1] else angled).append((line, match[1] or match[2]))
        files.append(SourceFile(relative, relative.split("/")[1], quoted, angled))
    return files


def read_targets(list_file: Path) -> list:
    if not list_file.exists():
        return []
    text = re.sub(r"#[^\n]*", "", list_file.read_text(encoding="utf-8"))
    targets = []
    for kind, body in _CALL.findall(text):
        words = body.split()
        target = Target(kind, words[0] if words else "")
        keyword = ""
        for word in words[1:]:
            if word in _KEYWORDS:
                keyword = word
            target.words.setdefault(keyword, []).append(word) if word not in _KEYWORDS else target.words.setdefault(keyword, [])
        targets.append(target)
    return targets


def library_sources(targets) -> set:
    """The .cc files of the product's libraries; all others of a folder belong to tests (or are main.cc)."""
    return {s for t in targets if t.kind == "mikura_library" for s in t.words.get("SOURCES", [])}

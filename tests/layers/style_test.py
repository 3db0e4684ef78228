"""House rules that a reader of the source can check: docs/style.md has them in words."""

import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE_FOLDERS = ["engine", "fuzz", "bench", "tests", "tools", "cmake", "extension/src"]
MAX_LINES = 600

# Files that may be longer, each with its reason.
LONG_FILES = {}

# What is absent from the engine, but for the places named: these absences are what the rest relies on.
ABSENCES = [
    ("only front ends write to the terminal", r"std::cout|std::cerr|\bprintf\(|\bputs\(|\bfputs\(|std::fwrite\(|\bfprintf\(",
     ["cli/", "base/check.cc", "base/log.cc"]),
    ("only front ends and the AWS chain read the environment", r"\bgetenv\b", ["cli/", "net/aws_config.cc"]),
    ("no thread without an owner", r"\.detach\(\)|std::async|std::thread\b(?!::)", []),
    ("no exception is thrown", r"\bthrow\b", []),
    ("exceptions of other people's code end in the file that calls it", r"\bcatch \(", ["cli/"]),
    ("no process but the one that prints a key or a credential", r"\bsystem\(|\bpopen\(|\bexecv|\bexecl|posix_spawn", ["cli/", "net/child_output.cc"]),
    ("no random numbers but those of the system's generator", r"random_device|mt19937|\brand\(\)", ["store/retrying_store.cc", "store/faulty_store."]),
]
# The files of tests and fakes may do what they like.
_TEST_FILE = re.compile(r"(_test\.cc|_test_[a-z_]*\.(h|cc)|_suite[a-z_]*\.(h|cc)|engine/testing/.*)$")


def files(*suffixes):
    for folder in SOURCE_FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in suffixes and path.is_file() and not {"node_modules", "vectors", "seeds"}.intersection(path.parts):
                yield path


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def code_lines(path: Path):
    """(number, line) without comments, for C++."""
    text = re.sub(r"/\*.*?\*/", lambda m: re.sub(r"[^\n]", " ", m[0]), path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for number, line in enumerate(text.split("\n"), 1):
        yield number, re.sub(r'"(?:\\.|[^"\\])*"', '""', line).split("//")[0]


class Style(unittest.TestCase):
    def expect_none(self, complaints) -> None:
        if complaints:
            self.fail("\n  " + "\n  ".join(complaints))

    def test_no_file_is_too_long(self):
        lengths = {name(p): len(p.read_text(encoding="utf-8").splitlines()) for p in files(".h", ".cc", ".py", ".ts", ".mjs")}
        self.expect_none([f"{n}: {lines} lines, more than {MAX_LINES}; split it, or say why in LONG_FILES"
                          for n, lines in lengths.items() if lines > MAX_LINES and n not in LONG_FILES])
        self.expect_none([f"{n}: in LONG_FILES for nothing" for n in LONG_FILES if lengths.get(n, 0) <= MAX_LINES])

    def test_what_is_left_to_do_has_an_issue(self):
        marks = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b(?!\(#\d+\))")
        self.expect_none([f"{name(p)}:{i}: {line.strip()}" for p in files(".h", ".cc", ".py", ".ts", ".mjs", ".cmake", ".txt") if p != Path(__file__).resolve()
                          for i, line in enumerate(p.read_text(encoding="utf-8").splitlines(), 1) if marks.search(line)])

    def test_no_using_namespace(self):
        using = re.compile(r"\busing\s+namespace\s+(?!std::(chrono_)?literals\b|std::chrono_literals\b|std::string_view_literals\b)")
        self.expect_none([f"{name(p)}:{i}: {line.strip()}" for p in files(".h", ".cc") for i, line in code_lines(p) if using.search(line)])

    def test_headers_open_with_what_they_are_for(self):
        complaints = []
        for path in files(".h"):
            before, once, _ = path.read_text(encoding="utf-8").partition("#pragma once")
            if not once:
                complaints.append(f"{name(path)}: no #pragma once")
            elif not before.startswith("// ") or len(before) < 30:
                complaints.append(f"{name(path)}: no comment before #pragma once that says what it is for")
        self.expect_none(complaints)

    def test_links_in_documents_lead_somewhere(self):
        complaints = []
        for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "tests").rglob("*.md")]:
            for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
                if "://" not in target and not target.startswith("mailto:") and not (path.parent / target).exists():
                    complaints.append(f"{name(path)}: there is no {target}")
        self.expect_none(complaints)

    def test_what_must_be_absent_is_absent(self):
        complaints = []
        for path in files(".h", ".cc"):
            relative = name(path)
            if not relative.startswith("engine/") or _TEST_FILE.search(relative):
                continue
            rules = [(rule, re.compile(pattern)) for rule, pattern, places in ABSENCES
                     if not relative.removeprefix("engine/").startswith(tuple(places))]
            complaints += [f"{relative}:{i}: {rule}: {line.strip()}" for i, line in code_lines(path) for rule, pattern in rules if pattern.search(line)]
        self.expect_none(complaints)


if __name__ == "__main__":
    unittest.main()

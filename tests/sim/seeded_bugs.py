"""Copies the engine's sources for the simulator, with the deliberate defects of bug_table.py written into them.

Each defect is an exact piece of a source file and what stands there instead; BUG in it becomes a test of the switch, so that one
binary holds them all and none is on unless asked for. A piece that is no longer found exactly once is left out and named in the
generated list: `sim_bugs` fails then, the build does not.

usage: seeded_bugs.py ENGINE OUT FILE...
"""

import sys
from pathlib import Path

from bug_table import BUGS

HEADER = "namespace mikura {\nextern int active_seeded_bug;\n}\n"


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def write(path: Path, text: str) -> None:
    """Only what changed, so that only that is compiled again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
    else:
        path.touch()


def main(engine: Path, out: Path, names) -> None:
    texts = {name: (engine / name).read_text(encoding="utf-8") for name in names}
    stale = []
    for number, bug in enumerate(BUGS, 1):
        text = texts.get(bug.file, "")
        if text.count(bug.find) != 1:
            stale.append(number)
            continue
        texts[bug.file] = text.replace(bug.find, bug.instead.replace("BUG", f"(active_seeded_bug == {number})"))
    for name, text in texts.items():
        write(out / name, (HEADER if "active_seeded_bug" in text else "") + text)
    rows = "".join(f"    {{{quoted(bug.name)}, {quoted(bug.file)}, {str(number in stale).lower()}}},\n"
                   for number, bug in enumerate(BUGS, 1))
    write(out / "seeded_bugs.cc",
          '#include "sim/seeded_bugs.h"\n\n#include "sim/backend.h"\n\nnamespace mikura {\n\nint active_seeded_bug = 0;\n\n'
          "void set_seeded_bug(int number) {\n  active_seeded_bug = number;\n}\n\n"
          "const std::vector<SeededBug>& seeded_bugs() {\n  static const std::vector<SeededBug> all = {\n" + rows +
          "  };\n  return all;\n}\n\n}  // namespace mikura\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])

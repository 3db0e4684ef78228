"""check.py SOURCE INCLUDE_FOLDER COMPILER [OPTION...]

SOURCE must compile; with MUST_NOT_COMPILE defined, exactly the lines that end in "// refused: TEXT" must
have an error, and that error must contain TEXT (a regular expression). So a line that is refused for
another reason, such as a header that is broken, fails the check as one that is accepted does.
"""

import os
import re
import subprocess
import sys
from pathlib import Path


def errors(source, include, compiler, *definitions) -> dict:
    """Line number in `source` -> its error messages; line 0 stands for any other file."""
    command = [*compiler, "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-I" + include, *definitions, source]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"})
    found = {}
    for name, line, message in re.findall(r"^(\S+?):(\d+):\d+: (?:fatal )?error: (.*)$", done.stderr, re.MULTILINE):
        found.setdefault(int(line) if name == source else 0, []).append(message)
    if done.returncode != 0 and not found:
        found[0] = [done.stderr]
    return found


def complaints(source, include, *compiler) -> list:
    lines = Path(source).read_text(encoding="utf-8").splitlines()
    refused = {i: line.split("// refused: ")[1] for i, line in enumerate(lines, 1) if "// refused: " in line}
    out = [f"{source}:{line}: must compile, but: {text}" for line, texts in errors(source, include, compiler).items() for text in texts]
    if not refused:
        out.append(f"{source}: refuses nothing")
    if out:
        return out
    found = errors(source, include, compiler, "-DMUST_NOT_COMPILE")
    # Some errors have a second part inside the standard library; the first pass has shown that the headers are sound.
    found.pop(0, None)
    for line, expected in refused.items():
        messages = found.pop(line, [])
        if not messages:
            out.append(f"{source}:{line}: must not compile, but does: {lines[line - 1].strip()}")
        elif not any(re.search(expected, message) for message in messages):
            out.append(f'{source}:{line}: refused, but not with "{expected}": {messages}')
    return out + [f"{source}:{line}: an error that is not expected: {texts}" for line, texts in found.items()]


if __name__ == "__main__":
    found_wrong = complaints(*sys.argv[1:])
    print("\n".join(found_wrong) or "all that must be refused is refused")
    sys.exit(1 if found_wrong else 0)

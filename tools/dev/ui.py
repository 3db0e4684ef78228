"""A real VS Code in a real browser: what the UI tests and `./dev vscode` need, and how they are run.

The VSIX itself is tested: VS Code installs it into a fresh folder as it would for anybody. Everything else that a window needs is
made by tests/ui/lib, in a temporary folder, and ended by process id.
"""

import re
import shutil
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from . import build, console, npm_tools, process, vsix
from .paths import ARTIFACTS, LOGS, ROOT, shown
from .report import Counts, LeftOut
from .sandbox import Sandbox

TESTS = ROOT / "tests" / "ui"
PICTURES = ARTIFACTS / "ui"
_TIME_LIMIT_SECONDS = 900


def tools_or_left_out(browser: bool = True) -> dict:
    """The environment variables that tests/ui/lib/places.mjs reads, but for the extension's. Raises LeftOut."""
    try:
        return {"MIKURA": build.binary(), "MIKURA_UI_CODE_SERVER": npm_tools.code_server(), "MIKURA_UI_ARTIFACTS": PICTURES,
                **({"MIKURA_UI_CHROMIUM": npm_tools.chromium()} if browser else {})}
    except npm_tools.NotHere as reason:
        raise LeftOut(str(reason)) from reason


def package_or_left_out() -> tuple:
    try:
        return vsix.make(), vsix.figures()
    except npm_tools.NotHere as reason:
        raise LeftOut(str(reason)) from reason


def install_extension(package: Path, tools: dict, sandbox: Sandbox) -> Path:
    """Has VS Code install the package, into a folder of the sandbox."""
    place, profile = sandbox.root / "extensions", sandbox.root / "installer"
    words = [npm_tools.node(), tools["MIKURA_UI_CODE_SERVER"] / "out" / "node" / "entry.js", "--install-extension", package,
             "--extensions-dir", place, "--user-data-dir", profile, "--config", profile / "config.yaml"]
    process.must(process.run(words, log="vscode-install", env=sandbox.environment(), cwd=sandbox.root), "installing the VSIX in VS Code")
    if not list(place.glob("mikura.mikura-*/package.json")):
        raise console.Failure(f"VS Code did not install {shown(package)}; see {shown(LOGS / 'vscode-install.log')}")
    return place


def check_the_check(package: Path) -> Counts:
    """tests/ui/test_vsix.py: that ./dev package notices what it should."""
    with Sandbox() as own:
        env = own.environment(MIKURA_VSIX=package)
        outcome = process.run([sys.executable, "-m", "unittest", "-v", "test_vsix"], log="test-vsix", env=env, cwd=TESTS)
    process.must(outcome, "tests/ui/test_vsix.py")
    return Counts(passed=outcome.tail.count("... ok"))


def check_types() -> None:
    """The types that the comments of tests/ui state, by the compiler that the extension has installed."""
    words = [npm_tools.node(), vsix.EXTENSION / "node_modules" / "typescript" / "bin" / "tsc", "-p", TESTS]
    process.must(process.run(words, log="ui-types"), "checking the types of tests/ui")


def run_tests(package: Path, filters) -> tuple:
    """All tests of tests/ui, one window at a time, with pictures in artifacts/ui. Returns their counts, and what they measured."""
    tools = tools_or_left_out()
    if not filters:
        shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir(parents=True, exist_ok=True)
    results = LOGS / "ui.xml"
    results.unlink(missing_ok=True)
    check_types()
    files = [f for f in sorted(TESTS.glob("*.test.mjs")) if not filters or any(x in f.stem for x in filters)]
    if not files:
        return Counts(), ""
    vsix.bundle("--host-tests")
    tools["MIKURA_UI_HOST_TESTS"] = vsix.EXTENSION / "out" / "host" / "index.js"
    with Sandbox() as own:
        env = own.environment(**tools, MIKURA_UI_EXTENSIONS=install_extension(package, tools, own))
        words = [npm_tools.node(), "--test", "--test-concurrency=1", "--test-timeout=180000", "--test-reporter=spec", "--test-reporter-destination=stdout",
                 "--test-reporter=junit", f"--test-reporter-destination={results}", *files]
        outcome = process.run(words, log="ui", env=env, on_line=console.note_progress, timeout_seconds=_TIME_LIMIT_SECONDS)
        leftovers = own.leftovers()
    counts, failed = _read(results) if results.exists() else (Counts(), [])
    if not outcome.ok or leftovers or counts.failed:
        console.end_live()
        why = "left behind in TMPDIR: " + ", ".join(leftovers) if leftovers else outcome.tail
        console.say(f"UI tests failed: {', '.join(failed)}; pictures and logs: {shown(PICTURES)}; the whole output: {shown(outcome.log)}\n{why}")
        counts.failed = max(counts.failed, 1)
    return counts, _measured(outcome.log.read_text(encoding="utf-8", errors="replace"))


def _measured(log: str) -> str:
    figures = [(r"\d+ files: a usable status (\d+) ms after activation", "a status of 10,000 files in {} ms"),
               (r"saving during a sync of \d+ changed files: (\d+) ms", "a save during a sync in {} ms")]
    found = [(re.search(pattern, log), text) for pattern, text in figures]
    return ", ".join(text.format(match[1]) for match, text in found if match)


def _read(path: Path) -> tuple:
    """Counts and the names of failed tests, of a file that node's junit reporter wrote."""
    counts, failed = Counts(), []
    # Messages of failures may hold colours, whose control characters no XML may hold.
    text = re.sub(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]", b"", path.read_bytes())
    for case in ElementTree.fromstring(text).iter("testcase"):
        if case.find("failure") is not None:
            counts.failed += 1
            failed.append(case.get("name"))
        elif case.find("skipped") is not None:
            counts.skipped += 1
        else:
            counts.passed += 1
    return counts, failed


def open_vscode(args) -> int:
    """`./dev vscode`: until Ctrl-C, or with --check until it has been looked at."""
    build.build("release", "mikura")
    try:
        package, _ = package_or_left_out()
        tools = tools_or_left_out(browser=args.check)
    except LeftOut as reason:
        raise console.Failure(f"VS Code cannot be started here: {reason}") from reason
    PICTURES.mkdir(parents=True, exist_ok=True)
    with Sandbox() as own:
        env = own.environment(**tools, MIKURA_UI_EXTENSIONS=install_extension(package, tools, own))
        console.end_live()
        words = [npm_tools.node(), TESTS / "open.mjs", *(f"--{name}" for name in ("ja", "light", "fresh", "check") if getattr(args, name))]
        child = process.start([*words, *([f"--port={args.port}"] if args.port else [])], env=env, output=None)
        try:
            return child.wait()
        except KeyboardInterrupt:
            console.say("Closing.")
            return 0
        finally:
            # Asked first, it ends what it has started, also what has left its process group.
            process.stop(child, grace_seconds=15)

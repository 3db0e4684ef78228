"""The commands of ./dev."""

import argparse

from . import setup
from .build import build
from .process import Steps, run, say


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="./dev", description="Work on Mikura. Every command installs what it needs first.")
    verbs = top.add_subparsers(dest="verb", required=True, metavar="COMMAND")
    verbs.add_parser("setup", help="install what is missing")
    build_verb = verbs.add_parser("build", help="build a preset; the command is then build/PRESET/mikura")
    build_verb.add_argument("preset", nargs="?", default="release", choices=["release", "debug", "asan", "tsan", "clang"])
    test_verb = verbs.add_parser("test", help="everything that CI runs")
    test_verb.add_argument("names", nargs="*", help="only tests (of the release build) whose names match")
    test_verb.add_argument("--quick", action="store_true", help="release build and its tests only")
    demo_verb = verbs.add_parser("demo", help="the main job, end to end, on a real source tree")
    demo_verb.add_argument("--s3", action="store_true", help="on a real S3 server instead of a folder")
    demo_verb.add_argument("--keep", action="store_true", help="keep the folders to look at")
    fuzz_verb = verbs.add_parser("fuzz", help="run all fuzzers")
    fuzz_verb.add_argument("--seconds", type=int, default=60, help="time for each")
    fmt_verb = verbs.add_parser("fmt", help="format the sources")
    fmt_verb.add_argument("--check", action="store_true", help="only say whether they are formatted")
    verbs.add_parser("check", help="formatting and clang-tidy")
    return top


def format_sources(check: bool) -> int:
    from .tests import formatted, sources_to_format
    if check:
        return 0 if formatted() else 1
    return run(["clang-format-19", "-i", *sources_to_format()])


def check() -> int:
    from .tests import formatted, tidy
    steps = Steps()
    steps.run("formatting", formatted)
    steps.run("clang-tidy", tidy)
    return steps.summary()


def main(words) -> int:
    arguments = parser().parse_args(words)
    if not setup.ensure_build_tools():
        return 1
    needs_clang = arguments.verb in ("setup", "fuzz", "fmt", "check") or getattr(arguments, "preset", "") in ("asan", "tsan", "clang")
    if needs_clang and not setup.has_clang():
        say("clang 19 is needed for this and could not be installed.")
        return 1
    try:
        return dispatch(arguments)
    except KeyboardInterrupt:
        say("\nStopped.")
        return 130


def dispatch(arguments) -> int:
    if arguments.verb == "setup":
        setup.minio()
        say("Everything is installed.")
        return 0
    if arguments.verb == "build":
        return 0 if build(arguments.preset) else 1
    if arguments.verb == "test":
        from .tests import test
        return test(arguments)
    if arguments.verb == "demo":
        from .demo import demo
        return demo(arguments)
    if arguments.verb == "fuzz":
        from .tests import clean_environment, fuzz
        with clean_environment() as environment:
            return 0 if build("asan") and fuzz(environment, arguments.seconds) else 1
    if arguments.verb == "fmt":
        return format_sources(arguments.check)
    return check()

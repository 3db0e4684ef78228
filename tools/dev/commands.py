"""The sub-commands of `./dev`. Each installs what is missing first (see setup.py)."""

import argparse
import signal
import sys

from . import bench, build, console, demo, fmt, fuzz, process, s3_matrix, setup, sim, suite, ui, vsix
from .paths import shown


def _setup(_) -> int:
    setup.ensure()
    return 0


def _build(args) -> int:
    setup.ensure(quiet=True)
    console.begin_live(f"build {args.preset}")
    outcome = build.build(args.preset, *args.target)
    console.end_live()
    console.say(f"built {shown(build.directory(args.preset))}  {console.seconds(outcome.seconds)}")
    if args.preset == "release" and not args.target:
        console.say(f"the command: {shown(build.binary())}")
    return 0


def _test(args) -> int:
    setup.ensure(quiet=True)
    return suite.Suite(args.names, args.quick).run()


def _demo(args) -> int:
    return demo.main(args.s3, args.keep)


def _fmt(args) -> int:
    setup.ensure(quiet=True)
    if args.check:
        unformatted = fmt.check()
        for path in unformatted:
            console.say(path)
        return 1 if unformatted else 0
    console.say(f"{fmt.write()} files formatted")
    return 0


def _check(_) -> int:
    setup.ensure(quiet=True)
    return suite.check()


def _s3_matrix(args) -> int:
    setup.ensure(quiet=True)
    return s3_matrix.main(args.servers, args.write)


def _fuzz(args) -> int:
    return fuzz.main(args.targets, args.seconds)


def _bench(args) -> int:
    setup.ensure(quiet=True)
    build.build("release")
    if args.micro:
        return bench.micro()
    known = [tool.name for tool in bench.peers.ALL]
    return bench.main(bench.Options(args.tools or known, args.store, args.delay_ms, args.input, args.files, args.rounds, args.newest))


def _package(_) -> int:
    return vsix.main()


def _vscode(args) -> int:
    setup.ensure(quiet=True)
    console.begin_live("preparing VS Code")
    return ui.open_vscode(args)


def _sim(args) -> int:
    return sim.main(args.runs, args.seed, args.real)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./dev", description="Builds, tests and shows Mikura. Every command first installs what is missing.")
    verbs = parser.add_subparsers(dest="verb", metavar="COMMAND")

    def verb(name, run, text):
        sub = verbs.add_parser(name, help=text, description=text)
        sub.set_defaults(run=run)
        return sub

    verb("setup", _setup, "install what the build needs (implied by the others)")
    sub = verb("build", _build, "build a preset (default: release)")
    sub.add_argument("preset", nargs="?", default="release", choices=build.PRESETS)
    sub.add_argument("target", nargs="*", help="ninja targets (default: all)")
    sub = verb("test", _test, "everything that CI runs")
    sub.add_argument("names", nargs="*", metavar="NAME", help="only these: " + ", ".join(suite.GROUPS) + ", or parts of test names")
    sub.add_argument("--quick", action="store_true", help="the release build and its tests, without an S3 server")
    sub = verb("demo", _demo, "the main job, end to end, on a real source tree; checks each step")
    sub.add_argument("--s3", action="store_true", help="on a real S3 server on loopback instead of a folder")
    sub.add_argument("--keep", action="store_true", help="keep the folders to look at")
    sub = verb("fmt", _fmt, "format all C++ files")
    sub.add_argument("--check", action="store_true", help="only list what is not formatted")
    verb("check", _check, "the static checks: formatting, layers, headers, clang-tidy")
    sub = verb("s3-matrix", _s3_matrix, "the same suite over every S3 server that can be installed here, on loopback")
    sub.add_argument("servers", nargs="*", metavar="SERVER")
    sub.add_argument("--write", action="store_true", help="put the table into docs/s3.md, if all went as expected")
    sub = verb("fuzz", _fuzz, "run fuzz targets")
    sub.add_argument("targets", nargs="*", metavar="TARGET")
    sub.add_argument("--seconds", type=int, default=60, help="for each target (default: 60)")
    sub = verb("bench", _bench, "Mikura beside its peers: times, requests, bytes and memory in one run")
    sub.add_argument("tools", nargs="*", metavar="TOOL", choices=[*(tool.name for tool in bench.peers.ALL), []], help="only these (default: all that are here)")
    sub.add_argument("--store", choices=["folder", "s3"], default="folder")
    sub.add_argument("--delay-ms", type=float, default=0, help="latency added to each round trip to the S3 server")
    sub.add_argument("--input", choices=["source", "synthetic", "large"], default="source")
    sub.add_argument("--files", type=int, default=50_000)
    sub.add_argument("--rounds", type=int, default=3)
    sub.add_argument("--micro", action="store_true", help="instead: how long the engine takes to hash, seal, cut, scan and plan (bench/)")
    sub.add_argument("--newest", action="store_true", help="build the newest peers first (some minutes)")
    verb("package", _package, "make the VSIX for this platform: the extension with the engine inside")
    sub = verb("vscode", _vscode, "a real VS Code with the extension, in your browser, on a sample project with a store; loopback only")
    sub.add_argument("--ja", action="store_true", help="in Japanese")
    sub.add_argument("--light", action="store_true", help="with a light theme")
    sub.add_argument("--fresh", action="store_true", help="on a folder that has no repository yet")
    sub.add_argument("--port", type=int, help="of loopback (default: a free one)")
    sub.add_argument("--check", action="store_true", help="only look whether it starts, with a picture in artifacts/ui")
    sub = verb("sim", _sim, "run the simulator (docs/simulation.md)")
    sub.add_argument("--runs", type=int, default=100_000, help="how many runs, over all cores (default: 100000)")
    sub.add_argument("--seed", type=int, default=1, help="the first seed (default: 1)")
    sub.add_argument("--real", action="store_true", help="with the product's cryptography and compression: twenty times slower, and it waits for the disk")
    verb("help", None, "show this")
    return parser


def _interrupted(*_) -> None:
    raise KeyboardInterrupt


def main(argv) -> int:
    parser = _parser()
    args = parser.parse_args(argv)
    if args.verb in (None, "help"):
        parser.print_help()
        return 0
    signal.signal(signal.SIGTERM, _interrupted)
    try:
        return args.run(args)
    except console.Failure as failure:
        console.end_live()
        print(f"dev: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        console.end_live()
        print("dev: interrupted", file=sys.stderr)
        return 130
    finally:
        process.stop_all()

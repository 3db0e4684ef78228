"""`./dev test`: everything that CI runs, in the order in which it fails soonest."""

import re
import sys
import time
from contextlib import ExitStack

from . import build, console, fmt, fuzz, npm_tools, process, s3_matrix, s3_server, s3_servers, setup, tidy, ui, vsix
from .paths import BUILD, ROOT, shown
from .report import Counts, LeftOut, Report, read_junit
from .sandbox import Sandbox

FUZZ_SECONDS = 5
E2E_BUCKET = "mikura-e2e"
# The groups that a NAME may choose; any other NAME picks tests of the release build.
GROUPS = ["fmt", "ext", "release", "sim", "e2e", "servers", "ui", "headers", "asan", "fuzz", "tsan", "tidy"]
_SYMBOLIZER = "/usr/lib/llvm-19/bin/llvm-symbolizer"
_SANITIZER_OPTIONS = {
    "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1:check_initialization_order=1:allocator_may_return_null=1",
    "UBSAN_OPTIONS": "print_stacktrace=1", "TSAN_OPTIONS": f"second_deadlock_stack=1:suppressions={ROOT}/tools/dev/tsan.supp",
    "ASAN_SYMBOLIZER_PATH": _SYMBOLIZER, "TSAN_SYMBOLIZER_PATH": _SYMBOLIZER, "UBSAN_SYMBOLIZER_PATH": _SYMBOLIZER,
}
# Property tests draw the same cases in every run of ./dev test; a bare ctest draws new ones.
_DETERMINISTIC = {"RC_PARAMS": "seed=20260101"}


class Suite:
    def __init__(self, names, quick: bool) -> None:
        self.report = Report()
        self.groups = [n for n in names if n in GROUPS]
        self.filters = [n for n in names if n not in GROUPS]
        self.quick = quick
        self.sandbox = None
        self.s3 = {}
        if self.filters and not self.groups:
            self.groups = ["release"] if quick else ["release", "e2e"]
        elif quick and not self.groups:
            self.groups = ["release"]

    def wants(self, group: str) -> bool:
        return not self.groups or group in self.groups

    def environment(self, **extra) -> dict:
        return self.sandbox.environment(**{**self.s3, **_DETERMINISTIC, **_SANITIZER_OPTIONS, **extra})

    def build(self, preset: str, *targets) -> bool:
        def work():
            build.build(preset, *targets)
            return Counts(passed=1)

        return self.report.step(f"{preset}: build", work)

    def ctest(self, preset: str, *words, title: str = "tests") -> None:
        name = f"{preset}-{title}".replace(" ", "-")

        def work():
            results = BUILD / "logs" / f"ctest-{name}.xml"
            results.unlink(missing_ok=True)
            chosen = ["-R", "|".join(re.escape(f) for f in self.filters)] if self.filters else []
            outcome = process.run(
                ["ctest", "--test-dir", build.directory(preset), "-j", process.jobs(), "--output-on-failure", "--no-tests=ignore",
                 "--output-junit", results, *chosen, *words],
                log=f"ctest-{name}", env=self.environment(), on_line=_ctest_progress)
            if not results.exists():
                raise console.Failure(f"ctest did not run:\n{outcome.tail}")
            counts, failed = read_junit(results)
            if failed or (not outcome.ok and counts.passed + counts.failed > 0):
                console.end_live()
                console.say(outcome.log.read_text(errors="replace")[-20000:])
                console.say(f"Failed in {preset}: {', '.join(failed)}; the whole output: {shown(outcome.log)}")
                counts.failed = max(counts.failed, 1)
            return counts

        self.report.step(f"{preset}: {title}", work)

    def e2e(self) -> None:
        def one(path):
            with Sandbox() as own:
                env = own.environment(**self.s3, MIKURA=build.binary(), MIKURA_SOURCE_DIR=ROOT)
                outcome = process.run([sys.executable, "-m", "unittest", "-v", path.stem], log=f"e2e/{path.stem}", env=env,
                                      cwd=path.parent, on_line=console.note_progress, timeout_seconds=900)
                return path.stem, outcome, own.leftovers()

        def work():
            paths = sorted((ROOT / "tests" / "e2e").glob("test_*.py"))
            paths = [p for p in paths if not self.filters or any(f in p.stem for f in self.filters)]
            counts = Counts()
            for name, outcome, leftovers in process.for_each(paths, one):
                if outcome.ok and not leftovers:
                    counts.passed += 1
                    continue
                counts.failed += 1
                console.end_live()
                why = outcome.tail if not outcome.ok else "left behind in TMPDIR: " + ", ".join(leftovers)
                console.say(f"{name} failed; the whole output: {shown(outcome.log)}\n{why}")
            return counts

        self.report.step("end-to-end tests", work)

    def extension(self) -> None:
        def work():
            try:
                return vsix.run_unit_tests()
            except npm_tools.NotHere as reason:
                raise LeftOut(str(reason)) from reason

        self.report.step("extension: unit tests", work)

    def ui(self) -> None:
        """The VSIX in a real VS Code in a real browser."""
        made = []

        def package():
            package_path, note = ui.package_or_left_out()
            made.append(package_path)
            return ui.check_the_check(package_path), note

        self.report.step("VSIX", package)
        if made:
            self.report.step("UI tests", lambda: ui.run_tests(made[0], self.filters))

    def servers(self) -> None:
        def work():
            counts = Counts()
            for server in s3_servers.SERVERS:
                if server.name not in s3_matrix.QUICK:
                    continue
                reason = server.why_not()
                if reason:
                    raise LeftOut(reason)
                complaints = s3_matrix.run_one(server).complaints()
                for complaint in complaints:
                    console.end_live()
                    console.say(f"{server.name}: {complaint}")
                counts.failed += bool(complaints)
                counts.passed += not complaints
            return counts, ", ".join(s3_matrix.QUICK)

        self.report.step("several S3 servers", work)

    def fuzzers(self) -> None:
        def work():
            counts = Counts()
            if not setup.has_clang():
                raise LeftOut("it needs clang 19")

            def one(target):
                return target, fuzz.run(target, FUZZ_SECONDS, self.environment())

            for target, outcome in process.for_each(fuzz.targets(), one):
                if outcome.ok:
                    counts.passed += 1
                else:
                    counts.failed += 1
                    console.say(f"{target.name} found a failure; the whole output: {shown(outcome.log)}\n{outcome.tail}")
            return counts, f"{FUZZ_SECONDS} s each"

        self.report.step("fuzzers", work)

    def formatting(self) -> None:
        def work():
            if not setup.has_clang():
                raise LeftOut("it needs clang-format 19")
            unformatted = fmt.check()
            if unformatted:
                raise console.Failure("not formatted (./dev fmt does it):\n  " + "\n  ".join(unformatted))
            return Counts(passed=1), f"{len(fmt.sources())} files"

        self.report.step("formatting", work)

    def headers(self) -> None:
        def work():
            build.build("clang" if setup.has_clang() else "debug", "mikura_headers")
            return Counts(passed=1)

        self.report.step("headers stand alone", work)

    def tidy(self) -> None:
        def work():
            if not setup.has_clang():
                raise LeftOut("it needs clang-tidy 19")
            checked, known, complaints = tidy.run()
            if complaints:
                raise console.Failure(f"clang-tidy complains about {len(complaints)} files:\n" + "\n".join(complaints))
            return Counts(passed=1), f"{checked} files, {known} unchanged since they were clean"

        self.report.step("clang-tidy", work)

    def leftovers(self) -> None:
        def work():
            names = self.sandbox.leftovers()
            if names:
                raise console.Failure("tests left files behind in TMPDIR: " + ", ".join(names[:20]))
            return Counts(passed=1)

        self.report.step("nothing left behind", work)

    def start_s3(self, stack: ExitStack) -> None:
        def work():
            reason = s3_server.why_not()
            if reason:
                raise LeftOut(reason)
            server = stack.enter_context(s3_server.S3Server(E2E_BUCKET))
            self.s3 = server.environment()
            return Counts(), server.endpoint

        self.report.step("S3 server (MinIO)", work)

    def run(self) -> int:
        began = time.monotonic()
        with ExitStack() as stack:
            self.sandbox = stack.enter_context(Sandbox())
            self._source_steps_and_release(stack)
            self._other_builds()
            if not self.quick and not self.filters:
                self.leftovers()
        return self.report.finish(began)

    def _source_steps_and_release(self, stack: ExitStack) -> None:
        if self.wants("fmt"):
            self.formatting()
        if self.wants("ext"):
            self.extension()
        built = any(self.wants(g) for g in ("release", "sim", "e2e", "servers", "ui")) and self.build("release")
        if not self.quick and any(self.wants(g) for g in ("release", "e2e", "asan", "tsan")):
            self.start_s3(stack)
        if built and self.wants("release"):
            # The simulator is a group of its own, but for whoever asks for one of its tests by name.
            self.ctest("release", *([] if self.filters else ["-LE", "sim"]))
        if built and self.wants("sim") and not self.filters:
            self.ctest("release", "-L", "sim", title="simulator")
        if built and self.wants("e2e"):
            self.e2e()
        if built and self.wants("servers"):
            self.servers()
        if built and self.wants("ui"):
            self.ui()

    def _other_builds(self) -> None:
        if self.wants("headers"):
            self.headers()
        if (self.wants("asan") or self.wants("fuzz")) and self.build("asan"):
            if self.wants("asan"):
                self.ctest("asan", "-LE", "source")
            if self.wants("fuzz"):
                self.fuzzers()
        if self.wants("tsan") and self.build("tsan"):
            self.ctest("tsan", "-LE", "source")
        if self.wants("tidy"):
            self.tidy()


def _ctest_progress(line: str) -> None:
    match = re.match(r"\s*(\d+/\d+) Test +#\d+: (\S+)", line)
    if match:
        console.note_progress(f"{match[1]} {match[2]}")


def check() -> int:
    """The static part: formatting, headers, clang-tidy, and the tests that read the source."""
    suite, began = Suite([], quick=False), time.monotonic()
    with Sandbox() as suite.sandbox:
        suite.formatting()
        suite.headers()
        if setup.has_clang():
            suite.ctest("clang", "-L", "source")
        suite.tidy()
    return suite.report.finish(began)

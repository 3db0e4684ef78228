"""`./dev test`: everything that CI runs."""

import contextlib
import os
import shutil
import sys
import tempfile

from . import setup
from .build import build
from .process import BUILD, ROOT, Steps, cores, run
from .s3server import S3Server

SANITIZER_OPTIONS = {
    "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0:detect_stack_use_after_return=1",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    "TSAN_OPTIONS": f"halt_on_error=1:second_deadlock_stack=1:suppressions={ROOT}/tools/devtool/tsan.supp",
}


@contextlib.contextmanager
def clean_environment():
    """Tests must not see the settings of the person who runs them, nor leave anything in their home."""
    home = tempfile.mkdtemp(prefix="mikura-home-")
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(("AWS_", "XDG_", "MIKURA_")) and name not in ("HOME", "LC_ALL", "LC_MESSAGES", "LANG", "TMPDIR")}
    temporary = os.path.join(home, "tmp")
    os.makedirs(temporary)
    ccache = os.environ.get("CCACHE_DIR", os.path.join(os.environ.get("HOME", home), ".cache", "ccache"))
    try:
        yield dict(kept, HOME=home, TMPDIR=temporary, XDG_STATE_HOME=home + "/state", XDG_CONFIG_HOME=home + "/config", LANG="C.UTF-8",
                   CCACHE_DIR=ccache)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def ctest(preset: str, environment: dict, pattern: str = "") -> bool:
    command = ["ctest", "--test-dir", BUILD / preset, "--output-on-failure", "-j", str(cores()), "--no-tests=error"]
    return run([*command, *(["-R", pattern] if pattern else [])], env=dict(environment, **SANITIZER_OPTIONS)) == 0


def end_to_end(environment: dict) -> bool:
    environment = dict(environment, MIKURA=str(BUILD / "release" / "mikura"), PYTHONDONTWRITEBYTECODE="1")
    return run([sys.executable, "-m", "unittest", "discover", "-s", "tests/e2e", "-p", "test_*.py", "-v"], env=environment) == 0


def fuzz(environment: dict, seconds: int) -> bool:
    """Each fuzzer over its seeds, then for a short time on its own."""
    programs = sorted((BUILD / "asan" / "fuzz").glob("fuzz_*"))
    programs = [program for program in programs if program.is_file() and os.access(program, os.X_OK)]
    if not programs:
        return False
    good = True
    for program in programs:
        with tempfile.TemporaryDirectory(prefix="mikura-fuzz-") as corpus:
            seeds = ROOT / "fuzz" / "seeds" / program.name.removeprefix("fuzz_")
            command = [program, corpus, *([seeds] if seeds.exists() else []), f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2048",
                       f"-artifact_prefix={corpus}/", "-print_final_stats=0", "-verbosity=0"]
            good = run(command, env=dict(environment, **SANITIZER_OPTIONS), quiet=True) == 0 and good
    return good


def tidy() -> bool:
    if run(["cmake", "--preset", "clang"], quiet=True) != 0:
        return False
    sources = [str(path) for path in sorted((ROOT / "engine").rglob("*.cc")) if not path.name.endswith("_test.cc")]
    runner = shutil.which("run-clang-tidy-19")
    command = [runner, "-quiet", "-clang-tidy-binary", "clang-tidy-19", "-p", BUILD / "clang", "-j", str(cores())]
    return run([*command, *sources], quiet=True) == 0


def formatted() -> bool:
    return run(["clang-format-19", "--dry-run", "--Werror", *sources_to_format()], quiet=True) == 0


def sources_to_format():
    folders = ("engine", "fuzz", "tests", "bench")
    return [str(path) for folder in folders for path in sorted((ROOT / folder).rglob("*")) if path.suffix in (".h", ".cc")]


def test(arguments) -> int:
    steps = Steps()
    with contextlib.ExitStack() as stack:
        environment = stack.enter_context(clean_environment())
        built = steps.run("build release (g++)", lambda: build("release"))
        if arguments.names:
            return quick(steps, environment, "|".join(arguments.names)) if built else steps.summary()
        if arguments.quick:
            return quick(steps, environment, "") if built else steps.summary()
        server = setup.minio()
        if server is not None:
            environment.update(stack.enter_context(S3Server(server)).environment())
        if built:
            steps.run("tests, release", lambda: ctest("release", environment))
            steps.run("tests, end to end", lambda: end_to_end(environment))
        if server is None:
            steps.leave_out("tests on a real S3 server", "MinIO could not be installed")
        if setup.has_clang():
            with_clang(steps, environment)
        else:
            steps.leave_out("sanitizers, fuzzers, clang-tidy, clang-format", "clang 19 could not be installed")
    return steps.summary()


def quick(steps: Steps, environment: dict, pattern: str) -> int:
    steps.run("tests, release", lambda: ctest("release", environment, pattern))
    return steps.summary()


def with_clang(steps: Steps, environment: dict) -> None:
    steps.run("formatting", formatted)
    if steps.run("build asan (clang, AddressSanitizer and UBSan)", lambda: build("asan")):
        steps.run("tests, asan", lambda: ctest("asan", environment))
        steps.run("fuzzers, 5 s each", lambda: fuzz(environment, 5))
    if steps.run("build tsan (clang, ThreadSanitizer)", lambda: build("tsan")):
        steps.run("tests, tsan", lambda: ctest("tsan", environment))
    steps.run("clang-tidy", tidy)

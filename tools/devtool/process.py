"""Running commands: children in their own process group, stopped with us; steps with a name, a time and a verdict."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
CACHE = ROOT / ".cache"
ARTIFACTS = ROOT / "artifacts"


def in_ci() -> bool:
    return os.environ.get("CI", "").lower() in ("1", "true", "yes")


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 2


def say(text: str) -> None:
    print(text, flush=True)


def run(command, *, env=None, cwd=ROOT, quiet=False, timeout=None) -> int:
    """Runs a command; with `quiet` its output is shown only if it fails. Ctrl-C stops the whole group."""
    output = subprocess.PIPE if quiet else None
    child = subprocess.Popen([str(part) for part in command], cwd=cwd, env=env, start_new_session=True, stdout=output,
                             stderr=subprocess.STDOUT if quiet else None)
    try:
        text, _ = child.communicate(timeout=timeout)
    except BaseException:
        stop_group(child)
        raise
    if quiet and child.returncode != 0:
        sys.stdout.write(text.decode(errors="replace"))
    return child.returncode


def stop_group(child: subprocess.Popen) -> None:
    """Ends a child and all it started, by process group."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(child.pid, number)
        except ProcessLookupError:
            return
        try:
            child.wait(timeout=5)
            return
        except subprocess.TimeoutExpired:
            continue


@dataclass
class Step:
    name: str
    verdict: str  # "passed", "failed" or "left out"
    seconds: float
    note: str = ""


@dataclass
class Steps:
    """A sequence of named steps; the rest still run when one fails, so that one run tells everything."""

    done: list = field(default_factory=list)

    def run(self, name, action) -> bool:
        say(f"\n== {name}")
        start = time.monotonic()
        try:
            good = action()
            note = ""
        except subprocess.TimeoutExpired:
            good, note = False, "took too long"
        self.done.append(Step(name, "passed" if good else "failed", time.monotonic() - start, note))
        if not good:
            say(f"!! {name} FAILED")
        return good

    def leave_out(self, name, why) -> None:
        """Said loudly; in CI a test that cannot run is a failure."""
        say(f"\n!! LEFT OUT: {name}: {why}")
        self.done.append(Step(name, "failed" if in_ci() else "left out", 0, why))

    def summary(self) -> int:
        say("\nSummary")
        for step in self.done:
            say(f"  {step.verdict:9} {step.seconds:7.1f} s  {step.name}" + (f"  ({step.note})" if step.note else ""))
        count = {verdict: sum(step.verdict == verdict for step in self.done) for verdict in ("passed", "failed", "left out")}
        skipped = f", {count['left out']} skipped" if count["left out"] else ""
        say(f"{count['passed']} passed, {count['failed']} failed{skipped}")
        return 1 if count["failed"] else 0

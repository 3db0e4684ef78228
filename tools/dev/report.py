"""The outcome of `./dev test`: steps with what they counted, and the closing summary."""

import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field

from . import console
from .console import paint, say


@dataclass
class Counts:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other):
        return Counts(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def text(self) -> str:
        line = f"{self.passed} passed, {self.failed} failed"
        return line + (f", {self.skipped} skipped" if self.skipped else "")


@dataclass
class StepResult:
    name: str
    state: str  # ok, failed, left out
    took: float = 0
    counts: Counts = field(default_factory=Counts)
    note: str = ""


class LeftOut(Exception):
    """Raised by a step that cannot run on this machine; the text says why."""


class Report:
    def __init__(self) -> None:
        self.results = []

    def step(self, name: str, work) -> bool:
        """Runs work() -> Counts or (Counts, note). A step that raises Failure counts as one failed test."""
        begin = time.monotonic()
        result = StepResult(name, "ok")
        if console.IN_CI:
            say(f"-- {name}")
        console.begin_live(name)
        try:
            outcome = work()
            result.counts, result.note = outcome if isinstance(outcome, tuple) else (outcome, "")
            result.state = "failed" if result.counts.failed else "ok"
        except LeftOut as reason:
            result.state, result.note = "left out", str(reason)
            result.counts = Counts(failed=1) if console.IN_CI else Counts(skipped=1)
        except console.Failure as failure:
            result.state, result.counts = "failed", Counts(failed=1)
            console.end_live()
            say(str(failure))
        console.end_live()
        result.took = time.monotonic() - begin
        self.results.append(result)
        say(_line(result))
        return result.state == "ok"

    def total(self) -> Counts:
        return sum((r.counts for r in self.results), Counts())

    def finish(self, began: float) -> int:
        say()
        say(paint("Summary", "bold") + f"  ({console.seconds(time.monotonic() - began)})")
        for result in self.results:
            say(_line(result))
        left_out = [r for r in self.results if r.state == "left out"]
        for result in left_out:
            console.warn(f"{result.name} was left out: {result.note}")
        total = self.total()
        if total.passed == total.failed == 0:
            console.warn("no test was run")
            total.failed = 1
        say()
        say(total.text())
        return 1 if total.failed else 0


def _line(result: StepResult) -> str:
    mark = {"ok": paint("ok      ", "green"), "failed": paint("FAILED  ", "red", "bold"),
            "left out": paint("LEFT OUT", "yellow", "bold")}[result.state]
    note = "" if result.state == "left out" else result.note
    counted = result.counts.passed + result.counts.failed
    return f"{mark}  {result.name:<22} {console.seconds(result.took):>12}  " + (f"{counted:>4} " if counted else "     ") + note


def read_junit(path) -> tuple:
    """Counts and the names of the tests that failed, of a file that ctest --output-junit wrote."""
    counts, failed = Counts(), []
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        status = case.get("status")
        if status == "run":
            counts.passed += 1
        elif status in ("disabled", "notrun"):
            counts.skipped += 1
        else:
            counts.failed += 1
            failed.append(case.get("name"))
    return counts, failed

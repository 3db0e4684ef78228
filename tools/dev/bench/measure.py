"""One timed command: wall time, processor time and peak memory of the process and all that it started."""

import os
import statistics
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from ..console import Failure

_SAMPLE_SECONDS = 0.02


@dataclass
class Run:
    wall_s: float
    cpu_s: float
    peak_bytes: int
    # What passed through the store's door meanwhile; None for a store without a counter.
    requests: int = None
    sent_bytes: int = None
    received_bytes: int = None

    def as_json(self) -> dict:
        return {name: value for name, value in self.__dict__.items() if value is not None}


@dataclass
class Sample:
    """The runs of one tool in one case."""

    runs: list = field(default_factory=list)

    def median(self, what: str):
        values = [getattr(run, what) for run in self.runs if getattr(run, what) is not None]
        return statistics.median(values) if values else None

    def spread(self) -> float:
        """How far the slowest lies above the quickest."""
        walls = [run.wall_s for run in self.runs]
        return max(walls) / min(walls) if walls and min(walls) > 0 else 1.0


def _resident(pid: int) -> int:
    """Resident bytes of a process and its descendants: a tool may do its work in a child."""
    total, pending = 0, [pid]
    while pending:
        current = pending.pop()
        try:
            total += int(Path(f"/proc/{current}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
            pending += [int(child) for child in Path(f"/proc/{current}/task/{current}/children").read_text().split()]
        except (OSError, IndexError, ValueError):
            continue
    return total


def timed(argv, *, env, cwd, log: Path, stdin: str = "") -> Run:
    """Runs a command to its end. Raises Failure, with what it said, if it fails: a wrong result has no speed."""
    peak = 0
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as sink:
        sink.write(("$ " + " ".join(str(a) for a in argv) + "\n").encode())
        sink.flush()
        begin = time.monotonic()
        child = subprocess.Popen([str(a) for a in argv], env=env, cwd=cwd, stdout=sink, stderr=sink,
                                 stdin=subprocess.PIPE if stdin else subprocess.DEVNULL, start_new_session=True)
        ended = threading.Event()

        def watch() -> None:
            nonlocal peak
            while not ended.wait(_SAMPLE_SECONDS):
                peak = max(peak, _resident(child.pid))

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            if stdin:
                child.stdin.write(stdin.encode())
                child.stdin.close()
            _, status, usage = os.wait4(child.pid, 0)
            took = time.monotonic() - begin
        finally:
            ended.set()
            watcher.join()
            if child.poll() is None:
                child.kill()
    code = os.waitstatus_to_exitcode(status)
    child.returncode = code
    if code != 0:
        tail = log.read_text(errors="replace")[-2000:]
        raise Failure(f"{argv[0]} ended with {code}; the whole output: {log}\n{tail}")
    return Run(took, usage.ru_utime + usage.ru_stime, max(peak, usage.ru_maxrss * 1024))

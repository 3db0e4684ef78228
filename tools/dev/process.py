"""Child processes: each in a process group of its own, so that Ctrl-C ends it with all that it started.

Thread-safe: several children may run at once.
"""

import collections
import os
import signal
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from . import console
from .paths import LOGS, ROOT, shown

_TAIL_LINES = 80
_running = set()
_running_lock = threading.Lock()
_stopping = threading.Event()


@dataclass
class Outcome:
    argv: list
    code: int
    tail: str
    log: Path
    seconds: float

    @property
    def ok(self) -> bool:
        return self.code == 0


def jobs() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def start(argv, *, env=None, cwd=ROOT, output=subprocess.DEVNULL, errors=subprocess.STDOUT) -> subprocess.Popen:
    """Starts a child that stop() or stop_all() ends."""
    if _stopping.is_set():
        raise KeyboardInterrupt
    child = subprocess.Popen([str(a) for a in argv], cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=output,
                             stderr=errors, start_new_session=True)
    with _running_lock:
        _running.add(child)
    return child


def stop(child: subprocess.Popen, grace_seconds: float = 5) -> None:
    """Ends a child and what it started, by process group: first asked, then made."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        if child.poll() is None:
            try:
                os.killpg(child.pid, sign)
                child.wait(grace_seconds)
            except (ProcessLookupError, PermissionError, subprocess.TimeoutExpired):
                continue
    with _running_lock:
        _running.discard(child)


def stop_all() -> None:
    _stopping.set()
    with _running_lock:
        children = list(_running)
    for child in children:
        stop(child)


def run(argv, *, log, env=None, cwd=ROOT, on_line=None, timeout_seconds=3600) -> Outcome:
    """Runs a child to its end; its output goes to build/logs/<log>.log and, line by line, to on_line."""
    path = LOGS / (log + ".log")
    path.parent.mkdir(parents=True, exist_ok=True)
    tail = collections.deque(maxlen=_TAIL_LINES)
    begin = time.monotonic()
    with path.open("wb", buffering=0) as sink:
        sink.write(("$ " + " ".join(str(a) for a in argv) + "\n").encode())
        try:
            child = start(argv, env=env, cwd=cwd, output=subprocess.PIPE)
        except FileNotFoundError:
            return Outcome(argv, 127, f"{argv[0]}: no such program", path, 0)
        timer = threading.Timer(timeout_seconds, stop, [child])
        timer.daemon = True
        timer.start()
        try:
            for line in child.stdout:
                sink.write(line)
                text = line.decode("utf-8", "replace").rstrip("\n")
                tail.append(text)
                if on_line:
                    on_line(text)
            child.wait()
        finally:
            timer.cancel()
            stop(child)
    took = time.monotonic() - begin
    if took >= timeout_seconds:
        tail.append(f"(ended by ./dev after {timeout_seconds} s)")
    return Outcome(argv, child.returncode, "\n".join(tail), path, took)


def must(outcome: Outcome, what: str) -> Outcome:
    if not outcome.ok:
        raise console.Failure(f"{what} failed (exit code {outcome.code}); the whole output: {shown(outcome.log)}\n\n{outcome.tail}")
    return outcome


def output_of(argv, *, cwd=ROOT) -> str:
    """The output of a quick, quiet command; empty if it is missing or fails."""
    try:
        done = subprocess.run([str(a) for a in argv], cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True, timeout=120)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def for_each(items, work, workers=None):
    """work(item) for all items, a few at once; results in the order of the items."""
    pool = ThreadPoolExecutor(workers or jobs())
    try:
        return list(pool.map(work, items))
    except KeyboardInterrupt:
        stop_all()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)

"""The stage of the demo: two machines with homes of their own, commands as a person would type them, checks that fail loudly."""

import json
import shlex
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from . import build, process
from .console import Failure, paint, say, seconds
from .sandbox import Sandbox

_SHOWN_LINES = 6


def count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def size(bytes_count: int) -> str:
    for unit, step in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if bytes_count >= step:
            return f"{bytes_count / step:.1f} {unit}"
    return f"{bytes_count} B"


@dataclass
class Done:
    """How a command went."""

    code: int
    stdout: bytes
    stderr: str
    took: float

    @property
    def json(self) -> dict:
        return json.loads(self.stdout)

    def requests(self) -> str:
        total = self.json.get("requests", {}).get("total")
        return "" if total is None else ", " + count(total, "request")


class Stage:
    def __init__(self, sandbox: Sandbox, extra_environment: dict) -> None:
        self.root = sandbox.root
        self._sandbox = sandbox
        self._extra = extra_environment
        self._step = 0
        self.checks = 0

    def step(self, title: str) -> None:
        self._step += 1
        say()
        say(paint(f"{self._step:2}. {title}", "bold"))

    def note(self, text: str) -> None:
        say("      " + text)

    def check(self, holds: bool, text: str, details: str = "") -> None:
        if not holds:
            raise Failure(f"step {self._step}: this does not hold: {text}\n{details}")
        self.checks += 1
        say(paint("    ✓ ", "green") + text)

    def mikura(self, machine: str, *words, expect: int = 0, lines: int = _SHOWN_LINES) -> Done:
        """Runs the command on a machine (whose working copy is the folder of that name); it must end with `expect`."""
        if words[0] not in ("clone", "key") and "init" not in words and "clone" not in words:
            words = ("-C", machine, *words)
        typed = "mikura " + " ".join(shlex.quote(str(w)) for w in words if w != "--no-progress")
        say(paint(f"    {machine} $ ", "dim") + paint(typed.replace(str(self.root), "…"), "cyan"))
        home = self._sandbox.home / machine
        home.mkdir(parents=True, exist_ok=True)
        env = {name: value.replace(str(self._sandbox.home), str(home)) for name, value in self._sandbox.environment(**self._extra).items()}
        env.pop("XDG_RUNTIME_DIR", None)
        begin = time.monotonic()
        child = process.start([build.binary(), *words], env=env, cwd=self.root, output=subprocess.PIPE, errors=subprocess.PIPE)
        try:
            stdout, stderr = child.communicate(timeout=600)
        finally:
            process.stop(child)
        done = Done(child.returncode, stdout, stderr.decode("utf-8", "replace"), time.monotonic() - begin)
        self._show(done, "--json" in words, lines)
        if done.code != expect:
            raise Failure(f"step {self._step}: `{typed}` ended with {done.code}, not with {expect}:\n"
                          + done.stdout.decode("utf-8", "replace")[-2000:] + done.stderr[-4000:])
        return done

    def _show(self, done: Done, is_json: bool, lines: int) -> None:
        output = done.stderr if is_json else done.stdout.decode("utf-8", "replace") + done.stderr
        shown = [line for line in output.replace(str(self.root), "…").splitlines() if line.strip()]
        for line in shown[:lines]:
            say(paint("      " + line[:140], "dim"))
        if lines and len(shown) > lines:
            say(paint(f"      … {count(len(shown) - lines, 'more line')}", "dim"))
        if done.code != 0:
            say(paint(f"      exit code {done.code}", "dim"))

    def same_trees(self, one: Path, other: Path, text: str) -> None:
        """By rsync (contents by checksum, kinds, links, permissions, times of files) and, independently, by diff."""
        rsync = self._quiet(["rsync", "-naic", "--delete", "--no-owner", "--no-group", "--omit-dir-times", "--exclude=/.mikura", f"{one}/", f"{other}/"])
        diff = self._quiet(["diff", "-r", "--no-dereference", "--exclude=.mikura", str(one), str(other)])
        self.check(rsync == "" and diff == "", text, (rsync + diff)[:3000])

    def _quiet(self, argv) -> str:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
        return done.stdout if done.stdout or done.returncode == 0 else f"{argv[0]} ended with {done.returncode}"

    def figures(self, done: Done, text: str) -> None:
        self.note(paint(f"{text}{done.requests()}, {seconds(done.took)}", "bold"))

"""What people see: steps with their times, a live line on a terminal, a summary at the end.

Used from the main thread; `note_progress` may be called from any.
"""

import os
import sys
import time

IN_CI = os.environ.get("CI", "").lower() in ("1", "true", "yes")
_TERMINAL = sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"
_COLOUR = _TERMINAL and "NO_COLOR" not in os.environ
# Without a terminal a long step says that it lives; on one the live line does.
_HEARTBEAT_SECONDS = 60

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


class Failure(Exception):
    """A problem that is told to the person in one or a few lines, without a traceback."""


def paint(text: str, *styles: str) -> str:
    if not _COLOUR or not styles:
        return text
    return "\033[" + ";".join(_CODES[s] for s in styles) + "m" + text + "\033[0m"


def say(text: str = "") -> None:
    _clear_live_line()
    print(text, flush=True)


def warn(text: str) -> None:
    say(paint("!! " + text, "yellow", "bold"))


def seconds(value: float) -> str:
    if value < 10:
        return f"{value:.1f} s"
    if value < 90:
        return f"{value:.0f} s"
    return f"{int(value) // 60} min {int(value) % 60} s"


_live = {"shown": False, "name": "", "start": 0.0, "last": 0.0}


def begin_live(name: str) -> None:
    now = time.monotonic()
    _live.update(name=name, start=now, last=now)
    note_progress("")


def note_progress(text: str) -> None:
    """Replaces the live line (terminal), or prints a sign of life once a minute (no terminal)."""
    now = time.monotonic()
    if not _live["name"]:
        return
    elapsed = seconds(now - _live["start"])
    if _TERMINAL:
        if text and now - _live["last"] < 0.1:
            return
        width = max(20, os.get_terminal_size().columns - 1)
        line = f"   … {_live['name']}  {elapsed}  {text}"[:width]
        sys.stdout.write("\r\033[K" + paint(line, "dim"))
        sys.stdout.flush()
        _live.update(shown=True, last=now)
    elif now - _live["last"] >= _HEARTBEAT_SECONDS:
        print(f"   … {_live['name']}  {elapsed}  {text}", flush=True)
        _live["last"] = now


def end_live() -> None:
    _clear_live_line()
    _live["name"] = ""


def _clear_live_line() -> None:
    if _live["shown"]:
        sys.stdout.write("\r\033[K")
        sys.stdout.flush()
        _live["shown"] = False

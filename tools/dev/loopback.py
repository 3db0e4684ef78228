"""Servers on loopback: started on a free port, waited for until they are ready, ended by the caller by their pid."""

import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Callable

from . import console, process
from .paths import shown

_START_SECONDS = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_server(name: str, argv: Callable[[int], list], env: dict, log: Path, ready: str = "/") -> tuple:
    """The child and its endpoint. `ready`: a path that it answers, with whatever but 503, when it is ready."""
    log.parent.mkdir(parents=True, exist_ok=True)
    for _ in range(3):  # another program may take the port between our look and its start
        port = free_port()
        endpoint = f"http://127.0.0.1:{port}"
        with log.open("wb") as sink:
            child = process.start(argv(port), env=env, output=sink)
        try:
            if _becomes_ready(child, endpoint + ready):
                return child, endpoint
        except BaseException:
            process.stop(child)
            raise
        process.stop(child)
    raise console.Failure(f"{name} did not start; its output ({shown(log)}):\n{log.read_text(errors='replace')[-2000:]}")


def _becomes_ready(child: subprocess.Popen, url: str) -> bool:
    give_up = time.monotonic() + _START_SECONDS
    while time.monotonic() < give_up and child.poll() is None:
        if _answers(url):
            return True
        time.sleep(0.1)
    return False


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except urllib.error.HTTPError as error:
        error.close()
        return error.code != 503
    except OSError:
        return False

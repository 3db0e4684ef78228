"""The store's door: a relay on loopback that counts requests and bytes, and adds latency.

It stands between every tool and the S3 server alike, so that what it costs is the same for all.
"""

import json
import subprocess
import sys
from dataclasses import dataclass

from .. import process
from ..paths import ROOT


@dataclass
class Traffic:
    requests: int = 0
    sent_bytes: int = 0
    received_bytes: int = 0

    def since(self, before):
        return Traffic(self.requests - before.requests, self.sent_bytes - before.sent_bytes, self.received_bytes - before.received_bytes)


class Door:
    """Runs from __enter__ to __exit__. `delay_ms` is added to every round trip."""

    def __init__(self, server_endpoint: str, delay_ms: float) -> None:
        self._port = server_endpoint.rsplit(":", 1)[1]
        self._delay_ms = delay_ms
        self.endpoint = ""
        self._child = None

    def __enter__(self):
        self._child = subprocess.Popen([sys.executable, "-m", "tools.dev.bench.relay", self._port, str(self._delay_ms)], cwd=ROOT,
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)
        self.endpoint = f"http://127.0.0.1:{json.loads(self._child.stdout.readline())['port']}"
        return self

    def __exit__(self, *_) -> None:
        process.stop(self._child)

    def traffic(self) -> Traffic:
        self._child.stdin.write("\n")
        self._child.stdin.flush()
        return Traffic(**json.loads(self._child.stdout.readline()))

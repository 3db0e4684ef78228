"""A real S3 server (MinIO) on loopback, for tests and the demo: built once into .cache/bin, started on a free port with a
temporary folder, stopped by its pid."""

import os
import secrets
import shutil
import socket
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from . import console, process
from .paths import CACHE, LOGS, shown

MODULE = "github.com/minio/minio"
VERSION = "v0.0.0-20260212201848-7aac2a2c5b7c"
BINARY = CACHE / "bin" / "minio"
_STAMP = CACHE / "bin" / "minio.version"
_START_SECONDS = 60


def why_not() -> str:
    """Empty if the server is built or can be built here."""
    if _is_built() or shutil.which("go"):
        return ""
    return "there is no Go compiler here to build the S3 server MinIO with (install Go 1.24 or newer: https://go.dev/dl)"


def _is_built() -> bool:
    return BINARY.exists() and _STAMP.exists() and _STAMP.read_text() == VERSION


def ensure_built() -> None:
    if _is_built():
        return
    BINARY.parent.mkdir(parents=True, exist_ok=True)
    env = dict(os.environ, GOBIN=str(BINARY.parent), CGO_ENABLED="0")
    process.must(process.run(["go", "install", "-trimpath", f"{MODULE}@{VERSION}"], log="minio-build", env=env), "building MinIO")
    _STAMP.write_text(VERSION)


class S3Server:
    """Runs from __enter__ to __exit__."""

    def __init__(self, *buckets: str) -> None:
        self.access_key = "mikura" + secrets.token_hex(4)
        self.secret_key = secrets.token_hex(16)
        self.endpoint = ""
        self.log = LOGS / "minio.log"
        self._buckets = buckets
        self._child = None
        self._folder = None

    def __enter__(self):
        ensure_built()
        self._folder = Path(tempfile.mkdtemp(prefix="mikura-minio-"))
        # MinIO takes the folders of its drive for buckets.
        for bucket in self._buckets:
            (self._folder / "data" / bucket).mkdir(parents=True)
        try:
            for _ in range(3):  # another program may take the port between our look and its start
                if self._start(_free_port()):
                    return self
        except BaseException:
            self.__exit__()
            raise
        tail = self.log.read_text(errors="replace")[-2000:]
        self.__exit__()
        raise console.Failure(f"MinIO did not start; its output ({shown(self.log)}):\n{tail}")

    def __exit__(self, *_) -> None:
        if self._child:
            process.stop(self._child)
        shutil.rmtree(self._folder, ignore_errors=True)

    def environment(self) -> dict:
        return {"MIKURA_TEST_S3_ENDPOINT": self.endpoint, "AWS_ACCESS_KEY_ID": self.access_key,
                "AWS_SECRET_ACCESS_KEY": self.secret_key, "AWS_REGION": "us-east-1",
                "MIKURA_TEST_S3_BUCKET": self._buckets[0] if self._buckets else ""}

    def _start(self, port: int) -> bool:
        self.endpoint = f"http://127.0.0.1:{port}"
        env = {"PATH": os.environ.get("PATH", ""), "HOME": str(self._folder), "MINIO_ROOT_USER": self.access_key,
               "MINIO_ROOT_PASSWORD": self.secret_key, "MINIO_BROWSER": "off", "MINIO_UPDATE": "off"}
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as sink:
            self._child = process.start([BINARY, "server", "--quiet", "--address", f"127.0.0.1:{port}", self._folder / "data"],
                                        env=env, output=sink)
        give_up = time.monotonic() + _START_SECONDS
        while time.monotonic() < give_up and self._child.poll() is None:
            if _is_live(self.endpoint):
                return True
            time.sleep(0.1)
        process.stop(self._child)
        return False


def _is_live(endpoint: str) -> bool:
    try:
        with urllib.request.urlopen(endpoint + "/minio/health/ready", timeout=2) as reply:
            return reply.status == 200
    except (urllib.error.URLError, OSError):
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]

"""A real S3 server (MinIO) on loopback, for tests and the demo: built once into .cache/bin, started on a free port with a
temporary folder, stopped by its pid."""

import os
import secrets
import shutil
import tempfile
from pathlib import Path

from . import loopback, process
from .paths import CACHE, LOGS

MODULE = "github.com/minio/minio"
VERSION = "v0.0.0-20260212201848-7aac2a2c5b7c"
BINARY = CACHE / "bin" / "minio"
_STAMP = CACHE / "bin" / "minio.version"


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
        env = {"PATH": os.environ.get("PATH", ""), "HOME": str(self._folder), "MINIO_ROOT_USER": self.access_key,
               "MINIO_ROOT_PASSWORD": self.secret_key, "MINIO_BROWSER": "off", "MINIO_UPDATE": "off"}
        try:
            self._child, self.endpoint = loopback.start_server(
                "MinIO", lambda port: [BINARY, "server", "--quiet", "--address", f"127.0.0.1:{port}", self._folder / "data"], env, self.log,
                "/minio/health/ready")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_) -> None:
        if self._child:
            process.stop(self._child)
        shutil.rmtree(self._folder, ignore_errors=True)

    def environment(self) -> dict:
        return {"MIKURA_TEST_S3_ENDPOINT": self.endpoint, "AWS_ACCESS_KEY_ID": self.access_key,
                "AWS_SECRET_ACCESS_KEY": self.secret_key, "AWS_REGION": "us-east-1",
                "MIKURA_TEST_S3_BUCKET": self._buckets[0] if self._buckets else ""}

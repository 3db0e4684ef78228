"""A real S3 server (MinIO) on loopback for tests and the demo; stopped by its process id, its data removed."""

import http.client
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time

from .process import stop_group


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class S3Server:
    """Use as a context: `with S3Server(binary) as server: ... server.environment()`."""

    def __init__(self, binary):
        self.binary = binary
        self.port = free_port()
        self.access_key = "mikura-test"
        self.secret_key = secrets.token_hex(16)

    def __enter__(self):
        self.data = tempfile.mkdtemp(prefix="mikura-s3-")
        environment = {
            "PATH": os.environ.get("PATH", ""), "HOME": self.data, "MINIO_ROOT_USER": self.access_key,
            "MINIO_ROOT_PASSWORD": self.secret_key, "MINIO_BROWSER": "off", "MINIO_UPDATE": "off", "MINIO_CI_CD": "1",
        }
        self.log = open(os.path.join(self.data, "log"), "wb")
        self.child = subprocess.Popen(
            [str(self.binary), "server", "--quiet", "--address", f"127.0.0.1:{self.port}", os.path.join(self.data, "drive")],
            env=environment, start_new_session=True, stdout=self.log, stderr=self.log)
        try:
            self.wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def wait_until_ready(self) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if self.child.poll() is not None:
                break
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
                connection.request("GET", "/minio/health/live")
                if connection.getresponse().status == 200:
                    return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the S3 server did not start: " + open(self.log.name, errors="replace").read())

    def __exit__(self, *_):
        stop_group(self.child)
        self.log.close()
        shutil.rmtree(self.data, ignore_errors=True)

    def environment(self) -> dict:
        return {
            "MIKURA_TEST_S3_ENDPOINT": f"http://127.0.0.1:{self.port}", "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key, "AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true",
        }

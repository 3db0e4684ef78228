"""S3 servers for `./dev s3-matrix`: how each is installed (pinned, into .cache), started on loopback, and what is expected of it."""

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

from . import loopback, process, s3_server
from .paths import CACHE, LOGS

# Tests of the suite that cannot pass where nobody looks at signatures.
_NO_SIGNATURES = {"RealS3.AnUnknownAccessKeyIsNoCredentials", "RealS3.AWrongSecretIsDenied"}


@dataclass(frozen=True)
class Server:
    name: str
    version: str
    licence: str
    needs: str                       # the program that installs it
    install: Callable[["Server"], None]
    argv: Callable[[int, Path], list]
    several_writers: bool            # what the probe should come to
    environment: Callable[[str, str], dict] = lambda access, secret: {}
    fixed_keys: tuple = ()           # where they cannot be chosen
    known_failures: frozenset = frozenset()  # of the suite, for a server that is otherwise fit
    remarks: str = ""

    def why_not(self) -> str:
        return "" if shutil.which(self.needs) else f"there is no {self.needs} here to install it with"


def _stamped(server: Server, stamp: Path, work) -> None:
    text = f"{server.name} {server.version}"
    if stamp.exists() and stamp.read_text() == text:
        return
    stamp.parent.mkdir(parents=True, exist_ok=True)
    work()
    stamp.write_text(text)


def _go(module: str):
    def install(server: Server) -> None:
        binary = module.rpartition("/")[2]

        def work():
            env = dict(os.environ, GOBIN=str(CACHE / "bin"), CGO_ENABLED="0")
            process.must(process.run(["go", "install", "-trimpath", f"{module}@{server.version}"], log=f"{binary}-build", env=env), f"building {binary}")

        _stamped(server, CACHE / "bin" / f"{binary}.version", work)

    return install


def _go_tree(module: str, package: str):
    """For a module that `go install` refuses because its go.mod replaces others: built in its own tree."""
    def install(server: Server) -> None:
        binary = package.rpartition("/")[2]

        def work():
            log = f"{binary}-build"
            fetch = ["go", "mod", "download", "-json", f"{module}@{server.version}"]
            process.must(process.run(fetch, log=log), f"fetching {server.name}")
            with tempfile.TemporaryDirectory(prefix="mikura-go-", dir=CACHE) as place:
                tree = Path(place) / "tree"
                shutil.copytree(json.loads(process.output_of(fetch))["Dir"], tree, copy_function=shutil.copyfile)
                for folder in [tree, *(p for p in tree.rglob("*") if p.is_dir())]:
                    folder.chmod(0o755)
                env = dict(os.environ, CGO_ENABLED="0")
                process.must(process.run(["go", "build", "-C", tree, "-trimpath", "-ldflags", "-s -w", "-o", CACHE / "bin" / binary, package], log=log, env=env),
                             f"building {server.name}")

        _stamped(server, CACHE / "bin" / f"{binary}.version", work)

    return install


def _weed(port: int, folder: Path) -> list:
    """All parts of SeaweedFS in one process; only the S3 part is spoken to."""
    (folder / "data").mkdir(exist_ok=True)
    ports = {f"-{part}{kind}": loopback.free_port() for part in ("master", "volume", "filer") for kind in (".port", ".port.grpc")}
    return [CACHE / "bin" / "weed", "server", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-dir={folder / 'data'}", "-master.volumeSizeLimitMB=64", "-volume.max=200",
            *(f"{name}={number}" for name, number in ports.items()), "-filer", "-s3", f"-s3.port={port}", f"-s3.port.grpc={loopback.free_port()}"]


def _pip(server: Server) -> None:
    venv = CACHE / server.name

    def work():
        process.must(process.run([sys.executable, "-m", "venv", "--clear", venv], log=f"{server.name}-venv"), "making a Python environment")
        process.must(process.run([venv / "bin" / "pip", "install", "--disable-pip-version-check", f"{server.name}[s3,server]=={server.version}"],
                                 log=f"{server.name}-pip"), f"installing {server.name}")

    _stamped(server, venv / "stamp", work)


def _npm(server: Server) -> None:
    folder = CACHE / server.name

    def work():
        process.must(process.run(["npm", "install", "--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts", f"{server.name}@{server.version}"],
                                 log=f"{server.name}-npm"), f"installing {server.name}")

    _stamped(server, folder / "stamp", work)


def _versitygw(*options):
    def argv(port: int, folder: Path) -> list:
        for name in ("data", "meta"):
            (folder / name).mkdir(exist_ok=True)
        words = [folder / "meta" if word == "META" else word for word in options]
        return [CACHE / "bin" / "versitygw", "--quiet", "--port", f"127.0.0.1:{port}", "posix", *words, folder / "data"]

    return argv


SERVERS = [
    Server("minio", s3_server.VERSION, "AGPL-3.0", "go", lambda _: s3_server.ensure_built(),
           lambda port, folder: [s3_server.BINARY, "server", "--quiet", "--address", f"127.0.0.1:{port}", folder / "data"], True,
           lambda access, secret: {"MINIO_ROOT_USER": access, "MINIO_ROOT_PASSWORD": secret, "MINIO_BROWSER": "off", "MINIO_UPDATE": "off"},
           remarks="ignores `If-Match` on DELETE; the roles are tested on it"),
    Server("versitygw", "v1.8.0", "Apache-2.0", "go", _go("github.com/versity/versitygw/cmd/versitygw"), _versitygw(), True,
           lambda access, secret: {"ROOT_ACCESS_KEY": access, "ROOT_SECRET_KEY": secret},
           # Now and then. Mikura never removes what it swaps, nor overwrites it without a condition.
           known_failures=frozenset({"RealS3/BlobStoreSuite.AnAnsweredPutOrRemovalIsNotUndoneByASwap/PathStyle",
                                     "RealS3/BlobStoreSuite.AnyMixOfCallsOnOneNameIsLinearizable/PathStyle"}),
           remarks="POSIX backend with extended attributes; a swap that races with a removal may bring the object back, which Mikura never does to one object"),
    Server("versitygw-sidecar", "v1.8.0", "Apache-2.0", "go", _go("github.com/versity/versitygw/cmd/versitygw"), _versitygw("--sidecar", "META"), False,
           lambda access, secret: {"ROOT_ACCESS_KEY": access, "ROOT_SECRET_KEY": secret},
           remarks="with `--sidecar` an object and its ETag are written one after the other: swaps are lost"),
    Server("seaweedfs", "v0.0.0-20261109003541-7506e5f91cd6", "Apache-2.0", "go", _go_tree("github.com/seaweedfs/seaweedfs", "./weed"), _weed, True,
           lambda access, secret: {"AWS_ACCESS_KEY_ID": access, "AWS_SECRET_ACCESS_KEY": secret},
           remarks="master, volume, filer and S3 in one process"),
    Server("moto", "5.2.5", "Apache-2.0", sys.executable, _pip,
           lambda port, _: [CACHE / "moto" / "bin" / "moto_server", "-H", "127.0.0.1", "-p", port], True,
           known_failures=frozenset(_NO_SIGNATURES), remarks="for tests: in memory, checks no signatures"),
    Server("gofakes3", "v1.2.0", "MIT", "go", _go("github.com/johannesboyne/gofakes3/cmd/gofakes3"),
           lambda port, _: [CACHE / "bin" / "gofakes3", "-backend", "memory", "-host", f"127.0.0.1:{port}"], True,
           known_failures=frozenset(_NO_SIGNATURES), remarks="for tests: in memory, checks no signatures"),
    Server("s3rver", "3.7.1", "MIT", "npm", _npm,
           lambda port, folder: [CACHE / "s3rver" / "node_modules" / ".bin" / "s3rver", "-d", folder / "data", "-a", "127.0.0.1", "-p", port, "-s"], False,
           fixed_keys=("S3RVER", "S3RVER"), remarks="for tests: ignores conditions silently"),
]


@dataclass
class Running:
    """A server that runs from __enter__ to __exit__."""
    server: Server
    endpoint: str = ""
    folder: Path = None
    keys: tuple = ()
    _child: subprocess.Popen = field(default=None, repr=False)

    def __enter__(self):
        self.server.install(self.server)
        self.keys = self.server.fixed_keys or ("mikura" + secrets.token_hex(4), secrets.token_hex(16))
        # Not in a file system in memory: extended attributes may be missing there.
        self.folder = Path(tempfile.mkdtemp(prefix="mikura-s3-", dir=CACHE))
        env = {"PATH": os.environ.get("PATH", ""), "HOME": str(self.folder), **self.server.environment(*self.keys)}
        try:
            self._child, self.endpoint = loopback.start_server(
                self.server.name, lambda port: self.server.argv(port, self.folder), env, LOGS / f"s3-{self.server.name}.log")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_) -> None:
        if self._child:
            process.stop(self._child)
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def environment(self) -> dict:
        return {"MIKURA_TEST_S3_ENDPOINT": self.endpoint, "AWS_ACCESS_KEY_ID": self.keys[0], "AWS_SECRET_ACCESS_KEY": self.keys[1],
                "AWS_REGION": "us-east-1"}

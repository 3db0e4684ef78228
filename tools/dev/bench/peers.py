"""The tools that are compared: how each is asked to do the same four things with the same safety.

Every one encrypts on this side (but git, which shows what a local tool without that costs) and keeps versions (but rclone).
Each gets a home, a cache and a working copy of its own. Defaults are kept, but for what its own manual advises for many
small files over a network (more transfers at once).
"""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .. import build
from ..paths import CACHE
from . import measure

_TOOLS = CACHE / "bench" / "bin"
_PASSWORD = "correct horse battery staple"


@dataclass
class Place:
    """Where a tool keeps its repository: a folder, or a bucket behind an endpoint."""

    folder: Path = None
    endpoint: str = ""
    bucket: str = ""
    prefix: str = ""
    access_key: str = ""
    secret_key: str = ""

    @property
    def is_s3(self) -> bool:
        return bool(self.endpoint)

    def environment(self) -> dict:
        if not self.is_s3:
            return {}
        return {"AWS_ACCESS_KEY_ID": self.access_key, "AWS_SECRET_ACCESS_KEY": self.secret_key, "AWS_REGION": "us-east-1",
                "AWS_DEFAULT_REGION": "us-east-1"}


class Peer:
    """One tool with one repository and one working copy. A step raises Failure if the tool fails."""

    name = ""
    program = ""
    supports_s3 = True

    def __init__(self, home: Path, tree: Path, place: Place) -> None:
        self.home, self.tree, self.place = home, tree, place
        self.log = home / "log.txt"
        home.mkdir(parents=True, exist_ok=True)
        self.env = {"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C.UTF-8", "TMPDIR": str(home), "XDG_CACHE_HOME": str(home / "cache"),
                    "XDG_STATE_HOME": str(home / "state"), "XDG_CONFIG_HOME": str(home / "config"), "AWS_EC2_METADATA_DISABLED": "true",
                    **place.environment(), **self.own_environment()}

    @classmethod
    def path(cls):
        """The newest that is here: built for the benchmark, else the system's. None if there is none."""
        own = _TOOLS / cls.program
        return own if own.exists() else shutil.which(cls.program)

    @classmethod
    def version(cls) -> str:
        done = subprocess.run([str(cls.path()), *cls.version_words()], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
        found = re.search(r"\d+(\.\d+)+", done.stdout + done.stderr)
        return found.group(0) if found else "?"

    @classmethod
    def version_words(cls):
        return ["--version"]

    def own_environment(self) -> dict:
        return {}

    def run(self, *words, cwd=None) -> measure.Run:
        return measure.timed([self.path(), *words], env=self.env, cwd=cwd or self.tree, log=self.log)

    # What is timed.
    def prepare(self) -> None:
        """Makes the repository."""
        raise NotImplementedError

    def push(self) -> measure.Run:
        """Brings the working copy, whatever has changed, into the repository as a new version."""
        raise NotImplementedError

    def clone(self, target: Path) -> measure.Run:
        """Brings the latest version into an empty folder."""
        raise NotImplementedError

    def status(self):
        """Says what has changed; None if the tool has no such thing."""
        return None


class Mikura(Peer):
    name = program = "mikura"

    @classmethod
    def path(cls):
        return build.binary()

    def own_environment(self) -> dict:
        return {"MIKURA_KEY_FILE": str(self.home / "key")}

    def _url(self) -> str:
        p = self.place
        return f"s3://{p.bucket}/{p.prefix}?endpoint={p.endpoint}&region=us-east-1&path_style=true" if p.is_s3 else f"file://{p.folder}"

    def prepare(self) -> None:
        self.run("key", "generate", self.home / "key")
        self.run("init", self._url())

    def push(self) -> measure.Run:
        return self.run("sync", "--quiet")

    def clone(self, target: Path) -> measure.Run:
        return self.run("clone", "--quiet", self._url(), target, cwd=self.home)

    def status(self):
        return self.run("status", "--local", "--quiet")


class Restic(Peer):
    name = program = "restic"

    @classmethod
    def version_words(cls):
        return ["version"]

    def own_environment(self) -> dict:
        p = self.place
        return {"RESTIC_PASSWORD": _PASSWORD, "RESTIC_REPOSITORY": f"s3:{p.endpoint}/{p.bucket}/{p.prefix}" if p.is_s3 else str(p.folder)}

    def prepare(self) -> None:
        self.run("init")

    def push(self) -> measure.Run:
        return self.run("backup", "--quiet", ".")

    def clone(self, target: Path) -> measure.Run:
        return self.run("restore", "latest", "--quiet", "--target", target, cwd=self.home)


class Kopia(Peer):
    name = program = "kopia"

    def own_environment(self) -> dict:
        return {"KOPIA_PASSWORD": _PASSWORD, "KOPIA_CHECK_FOR_UPDATES": "false", "KOPIA_CONFIG_PATH": str(self.home / "kopia.config"),
                "KOPIA_CACHE_DIRECTORY": str(self.home / "cache"), "KOPIA_LOG_DIR": str(self.home / "logs")}

    def prepare(self) -> None:
        p = self.place
        if p.is_s3:
            # The keys come from the environment, as for all.
            self.run("repository", "create", "s3", "--bucket", p.bucket, "--prefix", p.prefix + "/", "--endpoint", p.endpoint.removeprefix("http://"),
                     "--disable-tls", "--region", "us-east-1")
        else:
            self.run("repository", "create", "filesystem", "--path", p.folder)
        self.run("policy", "set", "--global", "--compression", "zstd-fastest")

    def push(self) -> measure.Run:
        return self.run("snapshot", "create", "--no-progress", ".")

    def clone(self, target: Path) -> measure.Run:
        return self.run("snapshot", "restore", str(self.tree), target, "--no-progress", cwd=self.home)


class Rclone(Peer):
    name = program = "rclone"
    _FLAGS = ("--transfers", "32", "--checkers", "32", "--fast-list", "--quiet")

    @classmethod
    def version_words(cls):
        return ["version"]

    def own_environment(self) -> dict:
        p = self.place
        obscured = subprocess.run([str(self.path()), "obscure", _PASSWORD], capture_output=True, text=True, check=True,
                                  env={"HOME": str(self.home), "PATH": os.environ["PATH"]}).stdout.strip()
        env = {"RCLONE_CONFIG_ENC_TYPE": "crypt", "RCLONE_CONFIG_ENC_PASSWORD": obscured,
               "RCLONE_CONFIG_ENC_REMOTE": f"minio:{p.bucket}/{p.prefix}" if p.is_s3 else str(p.folder)}
        if p.is_s3:
            env.update(RCLONE_CONFIG_MINIO_TYPE="s3", RCLONE_CONFIG_MINIO_PROVIDER="Minio", RCLONE_CONFIG_MINIO_ENDPOINT=p.endpoint,
                       RCLONE_CONFIG_MINIO_ENV_AUTH="true", RCLONE_CONFIG_MINIO_REGION="us-east-1")
        return env

    def prepare(self) -> None:
        if not self.place.is_s3:
            self.place.folder.mkdir(parents=True, exist_ok=True)

    def push(self) -> measure.Run:
        return self.run("sync", *self._FLAGS, "--links", ".", "enc:")

    def clone(self, target: Path) -> measure.Run:
        return self.run("sync", *self._FLAGS, "--links", "enc:", target, cwd=self.home)


class Borg(Peer):
    name = program = "borg"
    supports_s3 = False

    def own_environment(self) -> dict:
        return {"BORG_PASSPHRASE": _PASSWORD, "BORG_REPO": str(self.place.folder), "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "no"}

    def prepare(self) -> None:
        self._count = 0
        self.run("init", "--encryption", "repokey-blake2")

    def push(self) -> measure.Run:
        self._count += 1
        return self.run("create", "--compression", "zstd,3", f"::v{self._count}", ".")

    def clone(self, target: Path) -> measure.Run:
        target.mkdir(parents=True)
        return self.run("extract", f"::v{self._count}", cwd=target)


class Git(Peer):
    """Not encrypted: what the best known local tool needs."""

    name = program = "git"
    supports_s3 = False

    def own_environment(self) -> dict:
        return {"GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "bench", "GIT_AUTHOR_EMAIL": "bench@localhost", "GIT_COMMITTER_NAME": "bench",
                "GIT_COMMITTER_EMAIL": "bench@localhost"}

    def prepare(self) -> None:
        self.run("init", "--quiet", "--bare", self.place.folder)
        self.run("init", "--quiet", "--initial-branch=main", ".")
        self.run("config", "gc.auto", "0")

    def push(self) -> measure.Run:
        script = f'git add -A && git commit --quiet --allow-empty -m v && git push --quiet "{self.place.folder}" HEAD:main'
        return measure.timed(["/bin/sh", "-c", script], env=self.env, cwd=self.tree, log=self.log)

    def clone(self, target: Path) -> measure.Run:
        return self.run("clone", "--quiet", "--branch", "main", self.place.folder, target, cwd=self.home)

    def status(self):
        return self.run("status", "--porcelain")


ALL = [Mikura, Restic, Kopia, Rclone, Borg, Git]

"""Installing what a machine lacks. On Debian and Ubuntu by apt; elsewhere by saying what to install."""

import os
import shutil
import subprocess

from .process import CACHE, run, say

PACKAGES = [
    "build-essential", "cmake", "ninja-build", "ccache", "pkg-config", "git", "rsync", "python3",
    "libssl-dev", "libsodium-dev", "libcurl4-openssl-dev", "libsqlite3-dev", "libzstd-dev", "libpugixml-dev",
    "nlohmann-json3-dev", "libfmt-dev", "libspdlog-dev", "libcli11-dev", "libgtest-dev", "libgmock-dev", "librapidcheck-dev",
]
# The sanitizers, the fuzzers and the style checks; the product itself is built with g++.
CLANG_PACKAGES = ["clang-19", "clang-tidy-19", "clang-format-19", "libclang-rt-19-dev"]

# The S3 server of the tests: the newest commit of the archived upstream, as the Go module proxy names it.
MINIO = "github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c"


def missing(packages):
    """Names of the packages that dpkg does not know as installed; None where there is no dpkg."""
    if not shutil.which("dpkg-query"):
        return None
    query = subprocess.run(["dpkg-query", "-W", "-f=${Package} ${Status}\\n", *packages], capture_output=True, text=True, check=False)
    installed = {line.split()[0] for line in query.stdout.splitlines() if line.endswith("install ok installed")}
    return [package for package in packages if package not in installed]


def apt_install(packages) -> bool:
    root = [] if os.geteuid() == 0 else ["sudo", "-n"] if shutil.which("sudo") else None
    if root is None or not shutil.which("apt-get"):
        return False
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    say("Installing: " + " ".join(packages))
    run([*root, "apt-get", "update", "-q"], env=environment, quiet=True)
    return run([*root, "apt-get", "install", "-y", "-q", "--no-install-recommends", *packages], env=environment, quiet=True) == 0


def ensure_build_tools() -> bool:
    lacking = missing(PACKAGES)
    if lacking is None:
        absent = [tool for tool in ("cmake", "ninja", "c++", "pkg-config") if not shutil.which(tool)]
        if absent:
            say("This is no Debian or Ubuntu, so please install these yourself: " + ", ".join(absent))
            say("and the development files of: OpenSSL 3, libsodium, libcurl, SQLite 3, zstd, pugixml, nlohmann-json, fmt, spdlog, CLI11,"
                " GoogleTest, RapidCheck.")
        return not absent
    if not lacking:
        return True
    if apt_install(lacking):
        return True
    say("Please install these packages and run the command again:\n  apt-get install " + " ".join(lacking))
    return False


def has_clang() -> bool:
    """clang 19 with its tools, installed if apt has it (Debian 12 does)."""
    if shutil.which("clang++-19") and shutil.which("clang-tidy-19") and shutil.which("clang-format-19") and not missing(CLANG_PACKAGES):
        return True
    return apt_install(CLANG_PACKAGES) and shutil.which("clang++-19") is not None


def minio():
    """The path of the MinIO server, built from its Go module into .cache/bin if need be; None where that cannot be done."""
    target = CACHE / "bin" / "minio"
    if target.exists():
        return target
    if not shutil.which("go"):
        say("Go is not installed, so no S3 server can be built.")
        return None
    say(f"Building the S3 server of the tests ({MINIO}): some minutes, once")
    target.parent.mkdir(parents=True, exist_ok=True)
    environment = dict(os.environ, GOBIN=str(target.parent), GOFLAGS="-mod=mod", GOTOOLCHAIN="auto")
    return target if run(["go", "install", MINIO], env=environment, quiet=True) == 0 and target.exists() else None

"""`./dev setup`: what the build needs, detected in one quick look and installed where that is possible.

Debian and Ubuntu: with apt, if we are root or may use sudo. Elsewhere: says exactly what is missing.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass

from . import console, process

# A package, or alternatives of which the first is installed if none is there.
BUILD_PACKAGES = [
    "g++", "cmake", "ninja-build", "pkg-config", "ccache", "git", "rsync",
    "libssl-dev", ("libcurl4-openssl-dev", "libcurl4-gnutls-dev"), "libsqlite3-dev", "libsodium-dev", "libzstd-dev",
    "libpugixml-dev", "libspdlog-dev", "libfmt-dev", "nlohmann-json3-dev", "libcli11-dev",
    "libgtest-dev", "libgmock-dev", "librapidcheck-dev", "libbenchmark-dev",
]
# Sanitizers, fuzzers, clang-tidy, clang-format. llvm-19 has the symbolizer that makes reports readable.
CLANG_PACKAGES = ["clang-19", "clang-tidy-19", "clang-format-19", "libclang-rt-19-dev", "llvm-19"]

# For systems without dpkg: the program or pkg-config module that proves the package of the same line.
PROGRAMS = ["g++", "cmake", "ninja", "pkg-config", "git", "rsync"]
OPTIONAL_PROGRAMS = ["ccache"]
CLANG_PROGRAMS = ["clang++-19", "clang-tidy-19", "clang-format-19"]
MODULES = ["libcrypto", "libcurl", "sqlite3", "libsodium", "libzstd", "pugixml", "spdlog", "fmt", "nlohmann_json",
           "CLI11", "gtest", "gmock", "benchmark"]


@dataclass
class Missing:
    build: list
    clang: list

    def __bool__(self) -> bool:
        return bool(self.build or self.clang)


def has_clang() -> bool:
    return all(shutil.which(p) for p in CLANG_PROGRAMS)


def _missing_packages() -> Missing:
    names = []
    for entry in BUILD_PACKAGES + CLANG_PACKAGES:
        names.extend(entry if isinstance(entry, tuple) else [entry])
    # dpkg-query exits with 1 if it does not know a name, and prints the others all the same.
    done = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *names],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    installed = {line.split()[0] for line in done.stdout.splitlines() if line.endswith(" installed")}

    def absent(entries):
        wanted = [entry if isinstance(entry, tuple) else (entry,) for entry in entries]
        return [alternatives[0] for alternatives in wanted if not installed.intersection(alternatives)]

    return Missing(absent(BUILD_PACKAGES), absent(CLANG_PACKAGES))


def _missing_programs() -> Missing:
    build = [p for p in PROGRAMS if not shutil.which(p)]
    if shutil.which("pkg-config"):
        build += [m for m in MODULES if subprocess.run(["pkg-config", "--exists", m], check=False).returncode != 0]
    else:
        build += MODULES
    return Missing(build, [p for p in CLANG_PROGRAMS if not shutil.which(p)])


def _apt_prefix():
    """The words before apt-get, or None where we may not install."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo"):
        if sys.stdin.isatty() or subprocess.run(["sudo", "-n", "true"], stdin=subprocess.DEVNULL, check=False,
                                                stderr=subprocess.DEVNULL).returncode == 0:
            return ["sudo"]
    return None


def _apt(prefix, *words) -> int:
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-o", "Acquire::Retries=3",
           "-o", "DPkg::Lock::Timeout=300", *words]
    console.say(console.paint("   $ " + " ".join(apt), "dim"))
    # In our own process group: sudo has to be able to ask for a password.
    return subprocess.run(apt, stdin=None if sys.stdin.isatty() else subprocess.DEVNULL, check=False).returncode


def _available(package: str) -> bool:
    policy = process.output_of(["apt-cache", "policy", package])
    return "Candidate:" in policy and "Candidate: (none)" not in policy


def _install(missing: Missing) -> Missing:
    prefix = _apt_prefix()
    if prefix is None:
        raise console.Failure("packages are missing, and installing them needs root. Please run:\n\n  sudo apt-get install "
                              + " ".join(missing.build + missing.clang))
    # A source that cannot be reached need not be one that we need: the installation decides.
    _apt(prefix, "update")
    clang = [p for p in missing.clang if _available(p)]
    wanted = missing.build + clang
    if wanted and _apt(prefix, "install", "-y", "--no-install-recommends", *wanted) != 0:
        raise console.Failure("apt-get could not install: " + " ".join(wanted))
    return _missing_packages()


def install_programs(packages) -> None:
    """Debian packages that one command of ./dev wants; without apt or the right to use it, nothing happens."""
    prefix = _apt_prefix() if shutil.which("apt-get") else None
    if not packages or prefix is None:
        return
    if not all(_available(p) for p in packages):
        _apt(prefix, "update")
    _apt(prefix, "install", "-y", "--no-install-recommends", *packages)


def ensure(quiet: bool = False) -> None:
    """Installs what is missing. Raises Failure if the product cannot be built here."""
    if not sys.platform.startswith("linux"):
        raise console.Failure("Mikura's engine is built on Linux (it uses openat2 and statx); this is " + sys.platform + ".")
    debian = shutil.which("dpkg-query") and shutil.which("apt-get")
    missing = _missing_packages() if debian else _missing_programs()
    if missing and debian:
        console.say("Installing: " + " ".join(missing.build + missing.clang))
        missing = _install(missing)
    if missing.build:
        raise console.Failure("please install with your system's package manager (programs and pkg-config modules): "
                              + ", ".join(missing.build) + "; and RapidCheck (github.com/emil-e/rapidcheck). docs/dependencies.md lists them all.")
    if missing.clang and not has_clang():
        report_no_clang(missing.clang)
    elif not quiet:
        console.say("Everything that the build needs is installed.")


def install_optional(*packages) -> bool:
    """Tries to install what only some tests need; whether it worked is for the caller to look at."""
    prefix = _apt_prefix() if shutil.which("apt-get") else None
    if prefix is None:
        return False
    console.say("Installing: " + " ".join(packages))
    if not all(_available(p) for p in packages):
        _apt(prefix, "update")
    return _apt(prefix, "install", "-y", "--no-install-recommends", *packages) == 0


def report_no_clang(names) -> None:
    """Loud on a person's machine, an end in CI: a green run must mean that everything ran."""
    text = "clang 19 is not to be had here (" + " ".join(names) + ")"
    if console.IN_CI:
        raise console.Failure(text + ": CI=true, so this is a failure.")
    console.warn(text + ".")
    console.warn("Left out: fuzzing, clang-tidy, clang-format. The sanitizer builds use g++ instead.")

"""Programs from npm that only developers need (Node.js for them, vsce, a VS Code for the browser), installed into .cache/npm.

tools/npm/<name>/ holds one package.json and one lock file each: exact versions and the hash of every archive. An installation is
made when its lock changes, with the scripts of packages switched off; where it is present, nothing is asked of any network.
"""

import hashlib
import os
import platform
import shutil
from pathlib import Path

from . import console, process, setup
from .paths import CACHE, ROOT

_LOCKS = ROOT / "tools" / "npm"
_INSTALLED = CACHE / "npm"
# The native modules without which VS Code's server does not start; the others that it names are not needed here.
_NATIVE_MODULES = ["@vscode/spdlog", "node-pty", "@vscode/native-watchdog"]
_QUIET = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
_RECIPE = "1"  # part of every stamp: another number makes all installations anew


class NotHere(Exception):
    """What cannot be installed on this machine; the text says why."""


def folder(name: str) -> Path:
    return _INSTALLED / name / "node_modules"


def _stamp(name: str) -> str:
    text = _RECIPE.encode() + (_LOCKS / name / "package.json").read_bytes() + (_LOCKS / name / "package-lock.json").read_bytes()
    return hashlib.sha256(text).hexdigest()


def is_installed(name: str) -> bool:
    stamp = _INSTALLED / name / "installed"
    return stamp.exists() and stamp.read_text() == _stamp(name)


def npm() -> str:
    """The system's npm, which installs everything else; from the system's packages where it is missing."""
    if not shutil.which("npm") or not shutil.which("node"):
        setup.install_optional("nodejs", "npm")
    found = shutil.which("npm")
    if not found:
        raise NotHere("there is no npm here (Debian and Ubuntu: apt install nodejs npm)")
    return found


def node_home() -> Path:
    ensure("node")
    machine = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}.get(platform.machine().lower(), "")
    home = folder("node") / f"node-linux-{machine}"
    if not (home / "bin" / "node").exists():
        raise NotHere(f"there is no package of Node.js for {platform.machine()}")
    return home


def node() -> Path:
    return node_home() / "bin" / "node"


def environment() -> dict:
    """With our Node.js first on PATH: what npm's programs start as `node` is the same one."""
    env = dict(os.environ)
    env["PATH"] = f"{node_home() / 'bin'}{os.pathsep}{env.get('PATH', '')}"
    return env


def ensure(name: str) -> Path:
    """Installs tools/npm/<name> if it is not there yet. Returns its node_modules. Raises NotHere."""
    if is_installed(name):
        return folder(name)
    program = npm()
    console.note_progress(f"installing {name}")
    place = _INSTALLED / name
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    for part in ("package.json", "package-lock.json"):
        shutil.copy(_LOCKS / name / part, place / part)
    _must(process.run([program, "ci", *_QUIET], log=f"npm-{name}", cwd=place), f"npm ci of tools/npm/{name}")
    if name == "ui":
        _finish_code_server(program)
    (place / "installed").write_text(_stamp(name))
    return folder(name)


def code_server() -> Path:
    return ensure("ui") / "code-server"


def _finish_code_server(program: str) -> None:
    """What its install script would do, less the parts that nothing here needs: its inner packages, three native modules."""
    server = folder("ui") / "code-server" / "lib" / "vscode"
    console.note_progress("installing VS Code's server")
    # Not `npm ci`: the package's own lock lacks one of its dependencies.
    _must(process.run([program, "install", "--omit=dev", *_QUIET], log="npm-vscode", cwd=server), "npm install of VS Code's server")
    for module in _NATIVE_MODULES:
        console.note_progress(f"building {module}")
        build = [node(), folder("ui") / "node-gyp" / "bin" / "node-gyp.js", "rebuild", f"--nodedir={node_home()}"]
        _must(process.run(build, log=f"npm-{module.replace('/', '-')}", cwd=server / "node_modules" / module, env=environment()), f"building {module}")


def chromium() -> str:
    """The browser for tests: the system's, else the one of its packages, else npm's."""
    for attempt in range(2):
        for name in ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome"):
            found = shutil.which(name)
            # Ubuntu's /usr/bin/chromium-browser only says that the browser is to be had as a snap.
            if found and process.output_of([found, "--version"]):
                return found
        if attempt == 0:
            setup.install_optional("chromium", "fonts-noto-cjk")
    return _npm_chromium()


def _npm_chromium() -> str:
    package = ensure("chromium") / "@sparticuz" / "chromium"
    place = _INSTALLED / "chromium" / "browser"
    if not (place / "chromium").exists():
        place.mkdir(parents=True, exist_ok=True)
        # The package unpacks the browser into the folder for temporary files.
        script = f"import c from {str(package / 'build' / 'index.js')!r}; console.log(await c.executablePath())"
        env = {**environment(), "TMPDIR": str(place)}
        _must(process.run([node(), "--input-type=module", "-e", script], log="npm-chromium-unpack", env=env), "unpacking Chromium")
    if not process.output_of([place / "chromium", "--version"]):
        raise NotHere("there is no Chromium here that starts (Debian: apt install chromium)")
    return str(place / "chromium")


def _must(outcome: process.Outcome, what: str) -> None:
    if not outcome.ok:
        raise NotHere(f"{what} failed; the whole output: {outcome.log}\n{outcome.tail[-1500:]}")

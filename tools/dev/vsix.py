"""`./dev package`: a VSIX for this platform, with the engine inside, and the proof that it works where only the VSIX is.

The engine is linked so that it looks for its libraries beside itself; all but the C library's travel in engine/lib. What goes into
the package is a list of what is wanted (nothing is there by accident), and the finished file is looked at again from outside.
"""

import json
import os
import re
import shutil
import stat
import subprocess
import tempfile
import zipfile
from pathlib import Path

from . import build, console, npm_tools, process, setup
from .paths import BUILD, ROOT, shown
from .report import Counts

EXTENSION = ROOT / "extension"
_MADE = BUILD / "vsix"
_STAGE = _MADE / "stage"
# Whole folders and single files of extension/ that belong into the package, if they are there.
_WANTED = ["package.json", "package.nls*.json", "l10n/bundle.l10n*.json", "dist/*.js", "media/**/*", "resources/**/*", "README.md", "CHANGELOG.md"]
_ALLOWED = re.compile(
    r"^(\[Content_Types\]\.xml|extension\.vsixmanifest|extension/(package(\.nls(\.[a-z-]+)?)?\.json|l10n/bundle\.l10n(\.[a-z-]+)?\.json|dist/[a-z]+\.js"
    r"|(media|resources)/[\w./-]+\.(svg|png|md)|(readme|changelog)\.md|LICENSE\.txt|engine/mikura|engine/NOTICES\.txt|engine/lib/[\w.+-]+\.so[\d.]*))$")
MAX_BYTES = 20 << 20
_EXECUTABLE = "extension/engine/mikura"
# The C library and its parts come with the system: they belong together with its kernel and its name service.
_OF_THE_SYSTEM = re.compile(r"^(linux-vdso|ld-linux[\w-]*|libc|libm|libdl|librt|libpthread|libresolv|libnss_\w+)\.so")


def target() -> str:
    return "linux-arm64" if os.uname().machine in ("aarch64", "arm64") else "linux-x64"


def path() -> Path:
    manifest = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))
    return _MADE / f"{manifest['name']}-{target()}-{manifest['version']}.vsix"


def make() -> Path:
    """Builds and checks the package. Raises Failure, or NotHere where npm is not to be had."""
    build.build("package", "mikura")
    install_dependencies()
    _stage_extension()
    _stage_engine(_STAGE / "engine")
    _pack()
    check(path())
    return path()


def install_dependencies() -> None:
    """extension/node_modules as its lock file says; at once if it is there already."""
    lock, stamp = EXTENSION / "package-lock.json", EXTENSION / "node_modules" / ".installed-by-dev"
    if stamp.exists() and stamp.read_text() == lock.read_text():
        return
    console.note_progress("npm ci in extension/")
    words = [npm_tools.npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    process.must(process.run(words, log="npm-extension", cwd=EXTENSION), "npm ci in extension/")
    stamp.write_text(lock.read_text())


def bundle(*words) -> None:
    """extension/esbuild.mjs, which says what its words mean."""
    process.must(process.run([npm_tools.node(), "esbuild.mjs", *words], log="esbuild", cwd=EXTENSION), "bundling the extension")


def run_unit_tests() -> Counts:
    """Types, formatting and rules of extension/, and its tests that need no editor."""
    install_dependencies()
    npm, env = npm_tools.npm(), npm_tools.environment()
    console.note_progress("npm run check in extension/")
    process.must(process.run([npm, "run", "--silent", "check"], log="extension-check", cwd=EXTENSION, env=env), "checking the extension")
    outcome = process.run([npm, "test", "--silent"], log="extension-test", cwd=EXTENSION, env=env, on_line=console.note_progress, timeout_seconds=300)
    found = dict(re.findall(r"^\S+ (pass|fail|skipped) (\d+)$", outcome.log.read_text(encoding="utf-8", errors="replace"), re.MULTILINE))
    counts = Counts(passed=int(found.get("pass", 0)), failed=int(found.get("fail", 0)), skipped=int(found.get("skipped", 0)))
    if not outcome.ok or counts.passed == 0:
        console.end_live()
        console.say(f"Tests of the extension failed; the whole output: {shown(outcome.log)}\n{outcome.tail}")
        counts.failed = max(counts.failed, 1)
    return counts


def _stage_extension() -> None:
    console.note_progress("bundling the extension")
    bundle("--production")
    shutil.rmtree(_STAGE, ignore_errors=True)
    for pattern in _WANTED:
        for source in EXTENSION.glob(pattern):
            if source.is_file():
                place = _STAGE / source.relative_to(EXTENSION)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, place)
    shutil.copy(ROOT / "LICENSE", _STAGE / "LICENSE.txt")
    manifest = json.loads((_STAGE / "package.json").read_text(encoding="utf-8"))
    for word in ("scripts", "devDependencies"):  # of no use to anybody who installs it
        manifest.pop(word, None)
    (_STAGE / "package.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _stage_engine(place: Path) -> None:
    console.note_progress("collecting the engine's libraries")
    (place / "lib").mkdir(parents=True)
    program = place / "mikura"
    shutil.copy(build.directory("package") / "mikura", program)
    process.must(process.run(["strip", "--strip-all", program], log="strip"), "strip")
    program.chmod(0o755)
    libraries = _libraries(program)
    for name, source in libraries.items():
        shutil.copy(os.path.realpath(source), place / "lib" / name)
        (place / "lib" / name).chmod(0o644)
    (place / "NOTICES.txt").write_text(_notices(libraries), encoding="utf-8")


def _libraries(program: Path) -> dict:
    """{name: where it is now} of the shared libraries that travel with the program."""
    found = {}
    for line in process.output_of(["ldd", program]).splitlines():
        match = re.match(r"\s*(\S+) => (/\S+)", line)
        if match and not _OF_THE_SYSTEM.match(match[1]):
            found[match[1]] = match[2]
    if not found:
        raise console.Failure(f"ldd says nothing of {shown(program)}")
    return found


def _notices(libraries: dict) -> str:
    """The licences of what travels along, from the packages that it comes from."""
    packages = {}
    for name, source in sorted(libraries.items()):
        owner = ""
        for candidate in (source, os.path.realpath(source), os.path.realpath(source).removeprefix("/usr")):
            owner = owner or process.output_of(["dpkg-query", "-S", candidate]).split(":")[0]
        packages.setdefault(owner, []).append(name)
    packages.update({name: ["headers compiled into the engine"] for name in ("libcli11-dev", "nlohmann-json3-dev")})
    parts = ["This folder holds Mikura's engine (Apache License 2.0) and unchanged shared libraries of Debian, under their own licences:\n"]
    for package, names in sorted(packages.items()):
        licence = Path("/usr/share/doc") / package / "copyright"
        text = licence.read_text(encoding="utf-8", errors="replace") if package and licence.exists() else "(see the project of the library)\n"
        parts.append(f"{'=' * 100}\n{package or 'unpackaged'}: {', '.join(names)}\n{'=' * 100}\n{text}")
    sources = "".join(path.read_text(encoding="utf-8") for path in (EXTENSION / "src").rglob("*.ts"))
    imported = set(re.findall(r"^import (?!type )[^;]*? from '(@[\w-]+/[\w.-]+|[\w-]+)[^']*'", sources, re.MULTILINE))
    bundled = [name for name in imported if (EXTENSION / "node_modules" / name / "package.json").exists()]
    for name in sorted(bundled):
        licences = sorted((EXTENSION / "node_modules" / name).glob("[Ll][Ii][Cc][Ee][Nn][CcSs][Ee]*"))
        text = licences[0].read_text(encoding="utf-8") if licences else "(see the project of the library)\n"
        parts.append(f"{'=' * 100}\n{name}: in dist/extension.js\n{'=' * 100}\n{text}")
    return "\n".join(parts)


def _pack() -> None:
    console.note_progress("making the VSIX")
    path().unlink(missing_ok=True)
    words = [npm_tools.node(), npm_tools.ensure("vsce") / "@vscode" / "vsce" / "vsce", "package", "--no-dependencies", "--target", target(),
             "--no-rewrite-relative-links", "--out", path()]
    process.must(process.run(words, log="vsce", cwd=_STAGE, env=npm_tools.environment()), "vsce package")


def figures() -> str:
    return f"{path().stat().st_size / (1 << 20):.1f} MiB"


def check(package: Path) -> None:
    """Looks at the finished file as a user's machine would. Raises Failure with everything that is wrong."""
    with zipfile.ZipFile(package) as archive:
        names = archive.namelist()
        wrong = [f"does not belong into it: {n}" for n in names if not _ALLOWED.match(n)]
        for needed in ("extension/package.json", "extension/dist/extension.js", _EXECUTABLE, "extension/l10n/bundle.l10n.ja.json", "extension/package.nls.ja.json"):
            if needed not in names:
                wrong.append(f"is missing: {needed}")
        if package.stat().st_size > MAX_BYTES:
            wrong.append(f"is too large: {package.stat().st_size} bytes, more than {MAX_BYTES}")
        if _EXECUTABLE in names:
            if not (archive.getinfo(_EXECUTABLE).external_attr >> 16) & stat.S_IXUSR:
                wrong.append(f"{_EXECUTABLE} is not executable in it")
            wrong += _run_unpacked(archive)
    if wrong:
        raise console.Failure(f"{shown(package)} is not fit to be installed:\n  " + "\n  ".join(wrong))


def _run_unpacked(archive: zipfile.ZipFile) -> list:
    """The engine starts from where it was unpacked, with nothing in its environment, and takes no library from elsewhere."""
    version = json.loads(archive.read("extension/package.json"))["version"]
    with tempfile.TemporaryDirectory(prefix="mikura-vsix-") as place:
        archive.extractall(place, [n for n in archive.namelist() if n.startswith("extension/engine/")])
        program = Path(place, _EXECUTABLE)
        program.chmod(0o755)
        done = subprocess.run([program, "--version"], env={}, cwd=place, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
        wrong = []
        if done.returncode != 0 or version not in done.stdout:
            wrong.append(f"its engine does not start, or is not version {version}: exit code {done.returncode}, {done.stdout.strip()} {done.stderr.strip()}")
        elsewhere = [f"{name} from {source}" for name, source in _libraries(program).items() if not source.startswith(place)]
        return wrong + [f"its engine takes a library from this system: {text}" for text in elsewhere]


def main() -> int:
    setup.ensure(quiet=True)
    console.begin_live("package")
    try:
        made = make()
    except npm_tools.NotHere as reason:
        raise console.Failure(f"a package cannot be made here: {reason}") from reason
    console.end_live()
    console.say(f"{shown(made)}  {figures()}; its engine starts from the unpacked package")
    return 0

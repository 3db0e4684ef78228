"""What the end-to-end tests share: the real program in folders of its own, trees to work on, comparisons.

MIKURA names the program. Everything lives in one temporary folder per test, removed at its end.
"""

import hashlib
import json
import os
import random
import shutil
import stat
import subprocess
import tempfile
import unittest
from pathlib import Path

WORDS = "the storehouse keeps every version of every file under one key and never loses a byte of it 御蔵 版 鍵".split()
ODD_NAMES = ["with space", "emoji 😀", "日本語ファイル", "new\nline", "tab\there", 'quote"', "back\\slash", "a" * 255, "é", "-dash", "~tilde", "$HOME",
             "*star*", "con", "semi;colon", "%41", "trailing ", ".hidden", "x'y"]


class Outcome:
    def __init__(self, done: subprocess.CompletedProcess):
        self.code = done.returncode
        self.out = done.stdout
        self.err = done.stderr.decode(errors="replace")

    @property
    def json(self):
        return json.loads(self.out)


class Case(unittest.TestCase):
    """A test with a folder, a key, and machines that have a memory of their own."""

    def setUp(self):
        self.root = Path(tempfile.mkdtemp(prefix="mikura-e2e-"))
        self.addCleanup(remove_tree, self.root)
        self.key = self.root / "mikura.key"
        self.store = f"file://{self.root}/store"
        self.mikura("key", "generate", str(self.key), expect=0)

    def environment(self, machine: str = "one") -> dict:
        return dict(os.environ, XDG_STATE_HOME=str(self.root / "state" / machine))

    def command(self, *words) -> list:
        return [os.environ["MIKURA"], *map(str, words)]

    def mikura(self, *words, machine="one", cwd=None, expect=None) -> Outcome:
        outcome = Outcome(subprocess.run(self.command(*words), cwd=cwd or self.root, env=self.environment(machine), capture_output=True, check=False,
                                         stdin=subprocess.DEVNULL, timeout=300))
        if expect is not None:
            self.assertEqual(outcome.code, expect, f"mikura {' '.join(map(str, words))}\n{outcome.out[-2000:]!r}\n{outcome.err[-2000:]}")
        return outcome

    def init(self, folder: Path, store=None, machine="one") -> None:
        self.mikura("--key-file", self.key, "init", store or self.store, folder, machine=machine, expect=0)

    def clone(self, folder: Path, store=None, machine="two", expect=0) -> Outcome:
        return self.mikura("--key-file", self.key, "clone", store or self.store, folder, machine=machine, expect=expect)

    def sync(self, folder: Path, verb="sync", machine="one", expect=0, extra=()) -> dict:
        return self.mikura("-C", folder, "--json", verb, *extra, machine=machine, expect=expect).json

    def assert_same_trees(self, a: Path, b: Path) -> None:
        """Content, kind, mode, symlink target, modification time: as rsync sees them."""
        listing = subprocess.run(["rsync", "-naic", "--delete", "--exclude=/.mikura", f"{a}/", f"{b}/"], capture_output=True, check=True)
        self.assertEqual(listing.stdout.decode(errors="replace"), "")
        self.assertEqual(tree(a), tree(b))


def tree(folder: Path) -> dict:
    """Path -> what is there, without Mikura's own folder."""
    found = {}
    for here, folders, files in os.walk(folder):
        if here == str(folder) and ".mikura" in folders:
            folders.remove(".mikura")
        for name in folders + files:
            path = os.path.join(here, name)
            info = os.lstat(path)
            key = os.path.relpath(path, folder)
            if stat.S_ISLNK(info.st_mode):
                found[key] = ("symlink", os.readlink(path))
            elif stat.S_ISDIR(info.st_mode):
                found[key] = ("folder", stat.S_IMODE(info.st_mode))
            else:
                with open(path, "rb") as file:
                    found[key] = ("file", stat.S_IMODE(info.st_mode), hashlib.sha256(file.read()).hexdigest())
    return found


def remove_tree(root: Path) -> None:
    for here, folders, _ in os.walk(root):
        for name in folders:
            path = os.path.join(here, name)
            if not os.path.islink(path):
                os.chmod(path, 0o700)
    shutil.rmtree(root, ignore_errors=True)


def text(source: random.Random, words: int) -> str:
    return " ".join(source.choice(WORDS) for _ in range(words)) + "\n"


def make_tree(folder: Path, files: int, large_bytes: int = 0) -> None:
    """A tree with every oddity that a file system allows."""
    source = random.Random(1)
    for i in range(files):
        place = folder / f"folder {i % 40}" / f"sub{i % 7}"
        place.mkdir(parents=True, exist_ok=True)
        path = place / f"file{i}.txt"
        path.write_text(text(source, source.randint(1, 300)))
        os.utime(path, ns=(1_600_000_000_000_000_000 + i * 1_234_567_891,) * 2)
    odd = folder / "odd"
    odd.mkdir()
    for name in ODD_NAMES:
        (odd / name).write_text(name)
    (odd / "empty").touch()
    (odd / "empty folder" / "inner").mkdir(parents=True)
    deep = odd / ("b" * 255) / ("c" * 255)
    deep.mkdir(parents=True)
    (deep / ("d" * 255)).write_text("deep")
    os.symlink("with space", odd / "link")
    os.symlink("/nowhere/absolute", odd / "dangling")
    os.symlink("empty folder", odd / "folder link")
    for name, mode in (("executable", 0o755), ("read only", 0o444), ("private", 0o600), ("group", 0o664)):
        (odd / name).write_text(name)
        os.chmod(odd / name, mode)
    (odd / "read-only folder").mkdir()
    (odd / "read-only folder" / "f").write_text("f")
    os.chmod(odd / "read-only folder", 0o555)
    if large_bytes:
        with open(folder / "large.bin", "wb") as file:
            for _ in range(large_bytes >> 20):
                file.write(source.randbytes(1 << 20))


def store_files(root: Path) -> list:
    """The objects of a store folder (its lock and temporaries are no objects)."""
    return sorted(path for path in root.rglob("*") if path.is_file() and not any(part.startswith(".") for part in path.relative_to(root).parts))


def fingerprint(root: Path) -> dict:
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in store_files(root)}

"""What is stored: real source trees from what the machine has, large binaries, a synthetic tree of any size; and edits."""

import os
import random
import shutil
import sqlite3
import sysconfig
from pathlib import Path

_MAX_FILE_BYTES = 2 << 20
_SKIPPED = {"__pycache__", ".git", ".mikura", "locale"}
# Source, headers, documentation and scripts: what a workspace looks like. The first that exist are taken.
_SOURCES = [sysconfig.get_paths()["stdlib"], "/usr/include", "/usr/local/go/src", "/usr/lib/go/src", "/usr/share/doc", "/usr/share/perl",
            "/usr/lib/python3", "/usr/share/cmake-3.25", "/usr/lib/node_modules", "/usr/local/lib/node_modules", "/usr/share", "/usr/local"]


def _files(root: Path):
    for here, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in _SKIPPED)
        for name in sorted(names):
            path = Path(here, name)
            # A tree with .gitignore files would not be the same input for all.
            if name == ".gitignore" or name == ".mikuraignore" or path.is_symlink() or not path.is_file():
                continue
            if path.stat().st_size <= _MAX_FILE_BYTES and os.access(path, os.R_OK):
                yield path


def source_tree(target: Path, files: int) -> None:
    """Real files, each once; if the machine has too few, the same again in further folders, with a line of their own."""
    count, turn = 0, 0
    while count < files:
        before = count
        for number, source in enumerate(_SOURCES):
            root = Path(source)
            if not root.is_dir():
                continue
            for path in _files(root):
                copy = target / f"{turn}-{number}" / path.relative_to(root)
                if turn == 0 and any(str(path).startswith(s.rstrip("/") + "/") for s in _SOURCES[:number]):
                    continue
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, copy)
                if turn:
                    with copy.open("ab") as end:
                        end.write(f"\n# {turn}\n".encode())
                count += 1
                if count == files:
                    return
        turn += 1
        if count == before:
            raise RuntimeError("no source files on this machine")


def synthetic_tree(target: Path, files: int) -> None:
    """Small files of a few hundred bytes, 20 in a folder, contents all different."""
    words = [f"{n:x}" * 8 for n in range(64)]
    draw = random.Random(7)
    for first in range(0, files, 20):
        folder = target / f"{first // 20000:03}" / f"{first // 20:06}"
        folder.mkdir(parents=True)
        for number in range(first, min(first + 20, files)):
            (folder / f"file{number}.txt").write_text(f"{number}\n" + "\n".join(draw.choices(words, k=12)), encoding="ascii")


def large_files(target: Path) -> None:
    """A SQLite database of 60 MB and a binary of 48 MB."""
    target.mkdir(parents=True, exist_ok=True)
    draw = random.Random(11)
    db = sqlite3.connect(target / "data.sqlite")
    db.execute("create table t (id integer primary key, a text, b blob)")
    db.executemany("insert into t values (?, ?, ?)", ((n, f"row {n}", draw.randbytes(100)) for n in range(430_000)))
    db.commit()
    db.close()
    (target / "image.bin").write_bytes(draw.randbytes(48 << 20))


def edit_one(tree: Path, turn: int) -> None:
    """One small file gets a line more."""
    files = sorted(p for p in tree.rglob("*") if p.is_file() and not p.is_symlink() and ".mikura" not in p.parts and ".git" not in p.parts)
    with files[len(files) // 2].open("ab") as end:
        end.write(f"\nedit {turn}\n".encode())


def edit_rows(tree: Path, turn: int) -> None:
    """20 rows of the database, spread over it."""
    db = sqlite3.connect(tree / "data.sqlite")
    for n in range(20):
        db.execute("update t set a = ? where id = ?", (f"ROW {turn}", n * 21_000 + turn))
    db.commit()
    db.close()


def edit_insert(tree: Path, turn: int) -> None:
    """Ten bytes more near the beginning of the binary."""
    path = tree / "image.bin"
    data = path.read_bytes()
    path.write_bytes(data[:100_000] + f"insert {turn:03}".encode() + data[100_000:])

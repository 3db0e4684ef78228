"""`./dev demo`: the main job, end to end, on a real source tree, with the real command. Every step checks its outcome."""

import shutil
import time
from contextlib import ExitStack

from . import build, console, demo_tree, s3_server, setup
from .console import paint, say, seconds
from .demo_stage import Stage, count, size
from .demo_store import FolderStore, S3Store
from .sandbox import Sandbox

_BUCKET, _PREFIX = "mikura-demo", "team/project"
_SECRET = "the plan for 2031: a bakery on the moon"


class Demo:
    def __init__(self, stage: Stage, store_url: str, store) -> None:
        self.stage, self.url, self.store = stage, store_url, store
        self.alice, self.bob = stage.root / "alice", stage.root / "bob"
        self.original = stage.root / "first version"
        self.files = 0

    def sync(self, machine: str, expect: int = 0):
        return self.stage.mikura(machine, "sync", "--json", "--no-progress", expect=expect)

    def run(self) -> None:
        for part in (self.set_up, self.first_version, self.clone, self.nothing_to_do, self.edits_on_both_sides, self.conflicts,
                     self.history, self.restore, self.what_the_server_sees, self.a_wrong_key, self.damage, self.turning_back):
            part()

    def set_up(self) -> None:
        stage = self.stage
        stage.step("A source tree, a key, a repository")
        self.files = demo_tree.make(self.alice)
        (self.alice / "secret plan.txt").write_text(_SECRET + "\n", encoding="utf-8")
        self.files += 1
        shutil.copytree(self.alice, self.original, symlinks=True)
        stage.note(f"{count(self.files, 'file')} of the Python library, C and C++ headers, and some odd names")
        stage.mikura("alice", "key", "generate", "team.key")
        stage.check((stage.root / "team.key").stat().st_mode & 0o777 == 0o600, "only its owner can read the key file")
        stage.mikura("alice", "--key-file", "team.key", "init", self.url, "alice")

    def first_version(self) -> None:
        stage = self.stage
        stage.step("The first version: everything travels once, encrypted")
        done = self.sync("alice")
        report = done.json
        total = sum(a["size"] for a in report["actions"])
        stage.figures(done, f"{count(len(report['actions']), 'entry').replace('entrys', 'entries')}, {size(total)} → "
                            f"{count(report['uploaded_objects'], 'object')}, {size(report['uploaded_bytes'])}")
        stage.check(report["published"] is not None and report["generation"] == 1, "version 1 is published")
        files = sum(1 for a in report["actions"] if a["kind"] != "directory")
        stage.check(files == self.files, f"all {self.files:,} files are in it", f"{files} were")
        stage.same_trees(self.original, self.alice, "the sync did not touch the folder")

    def clone(self) -> None:
        stage = self.stage
        stage.step("A clone on another machine")
        done = stage.mikura("bob", "--key-file", "team.key", "clone", self.url, "bob", "--json", "--no-progress")
        stage.figures(done, f"{count(done.json['downloaded_objects'], 'object')}, {size(done.json['downloaded_bytes'])}")
        stage.same_trees(self.original, self.bob, "rsync -c and diff -r find no difference: contents, links, permissions, times")

    def nothing_to_do(self) -> None:
        stage = self.stage
        stage.step("Nothing changed: nothing travels")
        done = self.sync("bob")
        stage.figures(done, "nothing sent")
        stage.check(done.json["published"] is None and done.json["uploaded_objects"] == 0, "no version is published")
        stage.check(not done.json["actions"], "no file is touched")

    def edits_on_both_sides(self) -> None:
        stage = self.stage
        stage.step("Both work at the same time, on different files")
        alice, bob = self.alice / "python", self.bob / "python"
        _append(alice / "argparse.py", "# Alice was here\n")
        (alice / "new by alice.py").write_text("print('alice')\n", encoding="utf-8")
        (alice / "json" / "decoder.py").unlink()
        (alice / "textwrap.py").rename(alice / "json" / "wrapped.py")
        _append(bob / "shutil.py", "# Bob was here\n")
        (bob / "new by bob").mkdir()
        (bob / "new by bob" / "ノート.txt").write_text("ボブ\n", encoding="utf-8")
        stage.note("Alice edits one file, adds one, deletes one and moves one; Bob edits one and adds a folder")
        first = self.sync("alice")
        moved = [a for a in first.json["actions"] if a.get("renamed_from")]
        stage.check(len(moved) == 1 and moved[0]["path"] == "python/json/wrapped.py", "the moved file is recognised")
        stage.check(first.json["uploaded_bytes"] < 1 << 20, f"only what changed travels: {size(first.json['uploaded_bytes'])}")
        done = self.sync("bob")
        stage.figures(done, f"{count(done.json['downloaded_objects'], 'object')} received, {count(done.json['uploaded_objects'], 'object')} sent")
        stage.check(not done.json["conflicts"], "no conflict")
        self.sync("alice")
        stage.same_trees(self.alice, self.bob, "both folders are the same, with the work of both")

    def conflicts(self) -> None:
        stage = self.stage
        stage.step("Both edit the same line: a conflict, and nothing is lost")
        kept, taken = "python/heapq.py", "python/bisect.py"
        for path in (kept, taken):
            _append(self.alice / path, "# Alice's version\n")
            _append(self.bob / path, "# Bob's version\n")
        ours = (self.bob / kept).read_bytes()
        self.sync("alice")
        found = self.sync("bob", expect=3).json["conflicts"]
        stage.check(sorted(c["path"] for c in found) == [taken, kept], "two conflicts are reported, with exit code 3")
        stage.check((self.bob / kept).read_bytes() == ours, "Bob's own file stays as it is")
        copy = next(c["copy"] for c in found if c["path"] == kept)
        stage.check((self.bob / copy).read_bytes() == (self.alice / kept).read_bytes(), f"Alice's lies beside it: {copy.split('/')[-1]}")
        stage.mikura("bob", "conflicts", expect=3)
        stage.mikura("bob", "resolve", "--keep-local", kept, expect=3)
        stage.mikura("bob", "resolve", "--take-remote", taken)
        self.sync("bob")
        self.sync("alice")
        stage.check((self.alice / kept).read_bytes() == ours, "--keep-local: Alice now has Bob's version")
        stage.check(b"Alice's version" in (self.bob / taken).read_bytes(), "--take-remote: Bob now has Alice's version")
        stage.check(any((self.bob / ".mikura" / "backup").rglob("bisect.py")), "what Bob gave up is in .mikura/backup")
        stage.same_trees(self.alice, self.bob, "both folders are the same again")

    def history(self) -> None:
        stage = self.stage
        stage.step("History: every version can be looked at")
        stage.mikura("alice", "log", lines=8)
        versions = stage.mikura("alice", "log", "--json", lines=0).json["versions"]
        stage.check([v["generation"] for v in versions] == list(range(len(versions), 0, -1)), f"{len(versions)} versions, newest first")
        self.oldest = versions[-1]["version"][-8:]
        patch = stage.mikura("alice", "diff", self.oldest, "HEAD", "python/argparse.py", lines=10)
        stage.check(b"+# Alice was here" in patch.stdout, "the diff shows the edit")
        old = stage.mikura("alice", "cat", self.oldest, "python/argparse.py", lines=0)
        stage.check(old.stdout == (self.original / "python/argparse.py").read_bytes(), "cat prints the old file, byte for byte")

    def restore(self) -> None:
        stage = self.stage
        stage.step("Back to the first version: one file, a copy of all, all")
        stage.mikura("alice", "restore", self.oldest, "python/json/decoder.py")
        stage.check((self.alice / "python/json/decoder.py").read_bytes() == (self.original / "python/json/decoder.py").read_bytes(),
                    "the deleted file is back")
        aside = stage.root / "as it was"
        stage.mikura("alice", "restore", self.oldest, "--to", aside, lines=2)
        stage.same_trees(self.original, aside, "the copy of version 1 equals the original")
        stage.mikura("alice", "restore", self.oldest, lines=3)
        stage.same_trees(self.original, self.alice, "the folder is as it was in version 1")
        published = self.sync("alice").json
        self.sync("bob")
        stage.same_trees(self.original, self.bob, f"published as version {published['generation']}: Bob has it too, and the history is kept")

    def what_the_server_sees(self) -> None:
        stage = self.stage
        stage.step("What the server sees")
        names = self.store.names()
        total, needles = 0, [_SECRET.encode(), b"secret plan", b"argparse", b"import ", "日本語".encode(), b"#include", b"MIKURA-KEY"]
        seen = []
        for name in names:
            data = self.store.read(name)
            total += len(data)
            seen += [f"{needle!r} in {name}" for needle in needles if needle in data or needle in name.encode()]
        stage.note(f"{count(len(names), 'object')}, {size(total)}, for example {max(names, key=len)}")
        stage.check(len(names) > 8 and not seen, "no file name, no content and no key in any object or name", "\n".join(seen[:10]))

    def a_wrong_key(self) -> None:
        stage = self.stage
        stage.step("Without the key")
        stage.mikura("mallory", "key", "generate", "other.key", lines=0)
        stage.mikura("mallory", "--key-file", "other.key", "clone", self.url, "mallory", "--no-progress", expect=5)
        left = [p for p in stage.root.glob("mallory/*") if p.name != ".mikura"]
        stage.check(not left, "another key opens nothing: exit code 5")

    def damage(self) -> None:
        stage = self.stage
        stage.step("One flipped bit in the store")
        name = max((n for n in self.store.names() if n.startswith("packs/")), key=lambda n: len(self.store.read(n)))
        good = self.store.read(name)
        bad = bytearray(good)
        bad[len(bad) // 2] ^= 1
        self.store.write(name, bytes(bad))
        done = stage.mikura("carol", "--key-file", "team.key", "clone", self.url, "carol", "--no-progress", expect=6)
        stage.check(name.split("/")[-1] in done.stderr, "noticed, and the damaged object is named: exit code 6", done.stderr)
        self.store.write(name, good)
        shutil.rmtree(stage.root / "carol", ignore_errors=True)
        stage.mikura("carol", "--key-file", "team.key", "clone", self.url, "carol", "--no-progress")
        stage.same_trees(self.alice, stage.root / "carol", "with the right bytes the clone is complete")

    def turning_back(self) -> None:
        stage = self.stage
        stage.step("A server that goes back in time")
        old_head = self.store.read("HEAD")
        _append(self.alice / "secret plan.txt", "and one on Mars\n")
        self.sync("alice")
        new_head = self.store.read("HEAD")
        self.store.write("HEAD", old_head)
        stage.mikura("alice", "sync", "--no-progress", expect=6)
        stage.check(b"Mars" in (self.alice / "secret plan.txt").read_bytes(), "noticed, and nothing in the folder is turned back: exit code 6")
        self.store.write("HEAD", new_head)
        done = self.sync("bob")
        stage.check(len(done.json["actions"]) == 1, "with the true HEAD all goes on")
        stage.same_trees(self.alice, self.bob, "both folders are the same")


def _append(path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def _open_store(stack: ExitStack, sandbox: Sandbox, s3: bool):
    """(URL, what the server can do, environment)"""
    if not s3:
        folder = sandbox.root / "store"
        return f"file://{folder}", FolderStore(folder), {}
    reason = s3_server.why_not()
    if reason:
        raise console.Failure("--s3: " + reason)
    console.begin_live("S3 server (MinIO)")
    server = stack.enter_context(s3_server.S3Server(_BUCKET))
    console.end_live()
    say(f"A real S3 server is running on {server.endpoint}")
    url = f"s3://{_BUCKET}/{_PREFIX}?endpoint={server.endpoint}&region=us-east-1"
    credentials = {name: value for name, value in server.environment().items() if name.startswith("AWS_")}
    return url, S3Store(server, _BUCKET, _PREFIX), credentials


def main(s3: bool, keep: bool) -> int:
    setup.ensure(quiet=True)
    began = time.monotonic()
    console.begin_live("build release")
    build.build("release", "mikura")
    console.end_live()
    say(f"Built {build.binary()}  {seconds(time.monotonic() - began)}")
    with ExitStack() as stack:
        sandbox = Sandbox(keep=keep)
        stack.enter_context(sandbox)
        url, store, extra = _open_store(stack, sandbox, s3)
        stage, began = Stage(sandbox, extra), time.monotonic()
        Demo(stage, url, store).run()
        say()
        say(paint(f"All {stage.checks} checks hold", "green", "bold") + f"  ({seconds(time.monotonic() - began)})")
        if keep:
            say(f"The folders are in {sandbox.root}")
    return 0

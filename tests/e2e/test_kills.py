"""kill -9 at random moments of push, pull and restore: the next run finishes; nothing is lost, half-written or left in the store broken."""

import random
import subprocess
import time

from support import Case, make_tree, tree


class Kills(Case):
    rounds = 12

    def setUp(self):
        super().setUp()
        self.source = random.Random(7)
        self.a = self.root / "a"
        self.a.mkdir()
        make_tree(self.a, 400)
        self.init(self.a)

    def start_and_kill(self, *words, machine="one", within: float) -> bool:
        """True if the process was killed before it ended."""
        child = subprocess.Popen(self.command(*words), cwd=self.root, env=self.environment(machine), stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(self.source.random() * within)
        killed = child.poll() is None
        child.kill()
        child.wait()
        return killed

    def change(self, folder, salt: int) -> None:
        files = sorted(path for path in folder.rglob("file*.txt") if ".mikura" not in path.parts)
        for path in self.source.sample(files, 60):
            path.write_text(f"{salt} {path.name}\n" * self.source.randint(1, 400))
        for path in self.source.sample(files, 5):
            path.unlink(missing_ok=True)
        (folder / f"new {salt}").mkdir()
        for i in range(40):
            (folder / f"new {salt}" / f"file{salt}-{i}.txt").write_text(f"new {salt} {i}\n" * 100)

    def test_killed_pushes_are_finished_by_the_next_run(self):
        killed = 0
        for round_number in range(self.rounds):
            self.change(self.a, round_number)
            for _ in range(2):
                killed += self.start_and_kill("-C", self.a, "sync", within=0.12)
            self.sync(self.a)
            clone = self.root / f"clone{round_number}"
            self.clone(clone, machine=f"m{round_number}")
            self.assert_same_trees(self.a, clone)
        self.assertGreater(killed, 2, "the kills came too late to test anything")

    def test_killed_pulls_never_leave_half_a_file_and_are_finished(self):
        self.sync(self.a)
        b = self.root / "b"
        self.clone(b)
        killed = 0
        for round_number in range(self.rounds):
            before = tree(b)
            self.change(self.a, round_number)
            self.sync(self.a)
            after = tree(self.a)
            mine = b / "folder 0" / f"mine {round_number}.txt"
            mine.write_text("only here\n")
            for _ in range(2):
                killed += self.start_and_kill("-C", b, "sync", machine="two", within=0.15)
                for path, what in tree(b).items():
                    if what[0] == "file" and not path.endswith(mine.name):
                        self.assertIn(what[2], (before.get(path, ("", 0, ""))[-1], after.get(path, ("", 0, ""))[-1]), path)
            self.sync(b, machine="two")
            self.sync(self.a)
            self.assert_same_trees(self.a, b)
        self.assertGreater(killed, 2, "the kills came too late to test anything")

    def test_killed_restores_lose_nothing_and_are_finished(self):
        self.sync(self.a)
        first = tree(self.a)
        self.change(self.a, 99)
        self.sync(self.a)
        unsaved = self.a / "unsaved.txt"
        for round_number in range(self.rounds):
            unsaved.write_text(f"unsaved {round_number}\n")
            self.start_and_kill("-C", self.a, "restore", "HEAD~1", within=0.12)
            self.mikura("-C", self.a, "restore", "HEAD~1", expect=0)
            self.assertEqual(tree(self.a), first)
            kept = [path.read_text() for path in (self.a / ".mikura" / "backup").rglob("unsaved.txt")]
            self.assertIn(f"unsaved {round_number}\n", kept)
            self.mikura("-C", self.a, "restore", "HEAD", expect=0)


if __name__ == "__main__":
    import unittest
    unittest.main()

"""The engine at work on whatever S3 server is there (./dev s3-matrix): push, clone, conflict, two who push at once."""

import os
import secrets
import subprocess
import unittest

from support import Case, make_tree

SINGLE_WRITER = bool(os.environ.get("MIKURA_TEST_S3_SINGLE_WRITER"))


@unittest.skipUnless(os.environ.get("MIKURA_TEST_S3_ENDPOINT"), "no S3 server: MIKURA_TEST_S3_ENDPOINT is not set")
class OnAnyServer(Case):
    def setUp(self):
        super().setUp()
        self.a, self.b = self.root / "a", self.root / "b"
        self.a.mkdir()
        self.store = (f"s3://{os.environ['MIKURA_TEST_S3_BUCKET']}/{secrets.token_hex(8)}"
                      f"?endpoint={os.environ['MIKURA_TEST_S3_ENDPOINT']}&region=us-east-1")

    def begin(self) -> None:
        more = ["--single-writer"] if SINGLE_WRITER else []
        self.mikura("--key-file", self.key, "init", self.store, self.a, *more, expect=0)

    def test_what_is_pushed_comes_back_and_a_conflict_is_kept(self):
        make_tree(self.a, 60, large_bytes=3 << 20)
        self.begin()
        self.sync(self.a)
        self.clone(self.b)
        self.assert_same_trees(self.a, self.b)
        (self.a / "odd" / "empty").write_text("by a\n")
        self.sync(self.a)
        (self.b / "odd" / "empty").write_text("by b, longer\n")
        self.sync(self.b, machine="two", expect=3)
        self.mikura("-C", self.b, "resolve", "odd/empty", "--keep-local", machine="two", expect=0)
        self.sync(self.b, machine="two")
        self.sync(self.a)
        self.assert_same_trees(self.a, self.b)

    @unittest.skipIf(SINGLE_WRITER, "this server is for one writer")
    def test_two_who_push_at_once_lose_nothing(self):
        (self.a / "base").write_text("base\n")
        self.begin()
        self.sync(self.a)
        self.clone(self.b)
        for i in range(3):
            for folder in (self.a, self.b):
                (folder / f"{folder.name}{i}").write_text(f"{folder.name}{i}\n")
            children = [subprocess.Popen(self.command("-C", folder, "sync"), env=self.environment(machine), stdout=subprocess.DEVNULL)
                        for folder, machine in ((self.a, "one"), (self.b, "two"))]
            self.assertEqual([child.wait(timeout=120) for child in children], [0, 0])
        self.sync(self.a)
        self.sync(self.b, machine="two")
        self.assert_same_trees(self.a, self.b)
        self.assertEqual(len(list(self.a.glob("[ab][0-9]"))), 6)

    @unittest.skipUnless(SINGLE_WRITER, "this server is for several writers")
    def test_several_writers_are_refused_with_words_that_say_what_to_do(self):
        outcome = self.mikura("--key-file", self.key, "init", self.store, self.a, expect=1)
        self.assertIn("does not honour conditional writes", outcome.err)
        self.assertIn("--single-writer", outcome.err)
        self.assertFalse((self.a / ".mikura" / "state.db").exists())


if __name__ == "__main__":
    unittest.main()

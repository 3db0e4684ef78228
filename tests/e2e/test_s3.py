"""The main job on a real S3 server on loopback (started by ./dev test)."""

import os
import secrets
import subprocess
import unittest

from support import Case, make_tree


@unittest.skipUnless(os.environ.get("MIKURA_TEST_S3_ENDPOINT"), "no S3 server: MIKURA_TEST_S3_ENDPOINT is not set")
class OnS3(Case):
    def setUp(self):
        super().setUp()
        self.a = self.root / "a"
        self.b = self.root / "b"
        self.a.mkdir()
        bucket = os.environ["MIKURA_TEST_S3_BUCKET"]
        self.store = f"s3://{bucket}/{secrets.token_hex(8)}?endpoint={os.environ['MIKURA_TEST_S3_ENDPOINT']}&region=us-east-1"

    def test_push_clone_conflict_and_restore(self):
        make_tree(self.a, 300, large_bytes=20 << 20)
        self.init(self.a)
        self.sync(self.a)
        self.clone(self.b)
        self.assert_same_trees(self.a, self.b)
        self.assertEqual(self.sync(self.b, machine="two")["requests"]["total"], 1)

        (self.a / "odd" / "empty").write_text("by a\n")
        (self.b / "odd" / "empty").write_text("by b, longer\n")
        report = self.sync(self.a)
        self.assertEqual(report["requests"]["total"], 4, report["requests"])
        self.sync(self.b, machine="two", expect=3)
        self.mikura("-C", self.b, "resolve", "odd/empty", "--keep-local", machine="two", expect=0)
        self.sync(self.b, machine="two")
        self.sync(self.a)
        self.assert_same_trees(self.a, self.b)
        self.mikura("-C", self.a, "restore", "HEAD~2", "odd/empty", expect=0)
        self.assertEqual((self.a / "odd" / "empty").read_text(), "")

    def test_two_pushers_at_once_both_get_through(self):
        (self.a / "base").write_text("base\n")
        self.init(self.a)
        self.sync(self.a)
        self.clone(self.b)
        for i in range(5):
            (self.a / f"a{i}").write_text(f"a{i}\n")
            (self.b / f"b{i}").write_text(f"b{i}\n")
            children = [subprocess.Popen(self.command("-C", folder, "sync"), env=self.environment(machine), stdout=subprocess.DEVNULL)
                        for folder, machine in ((self.a, "one"), (self.b, "two"))]
            self.assertEqual([child.wait(timeout=120) for child in children], [0, 0])
        self.sync(self.a)
        self.sync(self.b, machine="two")
        self.assert_same_trees(self.a, self.b)
        self.assertEqual(self.sync(self.a)["generation"], 11)

    def test_wrong_credentials_end_with_4(self):
        (self.a / "f").write_text("x")
        self.init(self.a)
        environment = dict(self.environment(), AWS_SECRET_ACCESS_KEY="wrong")
        done = subprocess.run(self.command("-C", self.a, "sync"), env=environment, capture_output=True, check=False)
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertNotIn(b"wrong", done.stderr.replace(b"is wrong", b""))

    def test_an_unreachable_server_ends_with_7(self):
        self.store = "s3://bucket/x?endpoint=http://127.0.0.1:9&region=us-east-1"
        outcome = self.mikura("--key-file", self.key, "init", self.store, self.a)
        self.assertEqual(outcome.code, 7, outcome.err)
        self.assertIn("127.0.0.1:9", outcome.err)


if __name__ == "__main__":
    unittest.main()

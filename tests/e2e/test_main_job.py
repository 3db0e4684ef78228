"""The main job on the embedded store: push, clone, sync, history, restore."""

import base64
import hashlib
import os
import re
import subprocess

from support import Case, fingerprint, make_tree, store_files, tree


class MainJob(Case):
    def setUp(self):
        super().setUp()
        self.a = self.root / "a"
        self.b = self.root / "b"
        self.a.mkdir()

    def test_a_clone_of_thousands_of_odd_files_is_identical_and_a_second_sync_does_nothing(self):
        make_tree(self.a, 3000, large_bytes=40 << 20)
        self.init(self.a)
        first = self.sync(self.a)
        self.assertEqual(first["generation"], 1)
        self.assertLess(first["peak_memory_bytes"], 300 << 20)
        self.clone(self.b)
        self.assert_same_trees(self.a, self.b)
        for folder, machine in ((self.a, "one"), (self.b, "two")):
            again = self.sync(folder, machine=machine)
            self.assertIsNone(again["published"])
            self.assertEqual(again["requests"]["total"], 1, again["requests"])
            self.assertEqual(again["generation"], 1)

    def test_one_changed_file_uploads_that_file_the_index_and_head_and_nothing_else(self):
        make_tree(self.a, 200)
        self.init(self.a)
        self.sync(self.a)
        before = fingerprint(self.root / "store")
        (self.a / "odd" / "empty").write_text("no longer empty")
        report = self.sync(self.a)
        after = fingerprint(self.root / "store")
        changed = [name for name in after if before.get(name) != after[name]]
        self.assertEqual(len(changed), 3, changed)
        self.assertEqual(sorted(name.split("/")[0] for name in changed), ["HEAD", "indexes", "objects"])
        self.assertEqual(report["requests"]["put"], 3)
        self.assertEqual(report["requests"]["total"], 4)

    def test_nothing_in_the_store_tells_a_name_a_content_or_a_hash(self):
        make_tree(self.a, 50)
        (self.a / "secret-plans.txt").write_text("the launch code is 0000 0000\n" * 20)
        self.init(self.a)
        self.sync(self.a, extra=("-m", "a telling message"))
        needles = [b"secret-plans", b"launch code", b"a telling message", "日本語".encode(), b"folder 1"]
        for path, what in tree(self.a).items():
            if what[0] == "file":
                digest = bytes.fromhex(what[2])
                needles += [what[2].encode(), what[2].upper().encode(), base64.b64encode(digest), digest, base64.urlsafe_b64encode(digest)]
            if len(path) > 12:
                needles.append(os.fsencode(path))
        stored = b"\n".join(os.fsencode(str(path.relative_to(self.root / "store"))) + b"\0" + path.read_bytes() for path in store_files(self.root / "store"))
        for needle in needles:
            self.assertNotIn(needle, stored)

    def test_plain_names_are_the_hash_only_if_asked_for(self):
        (self.a / "f").write_text("known")
        self.mikura("--key-file", self.key, "init", "--object-names", "sha256", self.store, self.a, expect=0)
        self.sync(self.a)
        digest = hashlib.sha256(b"known").hexdigest()
        self.assertTrue((self.root / "store" / "objects" / digest[:2] / digest).exists())

    def test_the_wrong_key_ends_with_5_and_writes_nothing(self):
        (self.a / "f").write_text("x")
        self.init(self.a)
        self.sync(self.a)
        wrong = self.root / "wrong.key"
        self.mikura("key", "generate", wrong, expect=0)
        before = fingerprint(self.root / "store")
        outcome = self.mikura("--key-file", wrong, "clone", self.store, self.b, machine="two", expect=5)
        self.assertIn("key", outcome.err)
        self.assertFalse(self.b.exists())
        self.mikura("-C", self.a, "--key-file", wrong, "sync", expect=5)
        self.assertEqual(fingerprint(self.root / "store"), before)

    def test_history_diff_cat_and_restore(self):
        (self.a / "f.txt").write_text("first\nline\n")
        (self.a / "gone.txt").write_text("later gone\n")
        self.init(self.a)
        self.sync(self.a, extra=("-m", "the first"))
        (self.a / "f.txt").write_text("second\nline\n")
        (self.a / "gone.txt").unlink()
        self.sync(self.a, extra=("-m", "the second"))
        versions = self.mikura("-C", self.a, "--json", "log", expect=0).json["versions"]
        self.assertEqual([v["message"] for v in versions], ["the second", "the first"])
        self.assertEqual(self.mikura("-C", self.a, "cat", "HEAD~1", "gone.txt", expect=0).out, b"later gone\n")
        patch = self.mikura("-C", self.a, "diff", "HEAD~1", "HEAD", expect=0).out
        self.assertIn(b"-first\n+second\n", patch)
        old = self.root / "old"
        self.mikura("-C", self.a, "restore", "HEAD~1", "--to", old, expect=0)
        self.assertEqual((old / "f.txt").read_text(), "first\nline\n")
        subprocess.run(["git", "apply", "-"], cwd=old, input=patch, check=True, env=dict(os.environ, GIT_CEILING_DIRECTORIES=str(self.root)))
        self.assertEqual((old / "f.txt").read_text(), "second\nline\n")
        self.assertFalse((old / "gone.txt").exists())

        (self.a / "f.txt").write_text("not saved anywhere\n")
        report = self.mikura("-C", self.a, "--json", "restore", versions[1]["version"], expect=0).json
        self.assertEqual((self.a / "f.txt").read_text(), "first\nline\n")
        self.assertEqual((self.a / "gone.txt").read_text(), "later gone\n")
        self.assertEqual((self.a / report["backup_folder"] / "f.txt").read_text(), "not saved anywhere\n")
        self.assertEqual(self.sync(self.a)["generation"], 3)

    def test_the_key_is_in_no_argument_no_environment_and_not_in_the_workspace(self):
        (self.a / "f").write_text("x")
        self.init(self.a)
        self.sync(self.a)
        secret = self.key.read_text().strip().encode()
        self.assertTrue(secret.startswith(b"MIKURA-KEY-1"))
        for folder in (self.a / ".mikura", self.root / "state", self.root / "store"):
            for path in folder.rglob("*"):
                if path.is_file():
                    self.assertNotIn(secret, path.read_bytes(), path)

    def test_a_key_file_that_others_can_read_is_refused(self):
        (self.a / "f").write_text("x")
        os.chmod(self.key, 0o644)
        outcome = self.mikura("--key-file", self.key, "init", self.store, self.a)
        self.assertEqual(outcome.code, 8)
        self.assertIn("chmod 600", outcome.err)
        self.assertFalse((self.root / "store" / "repository").exists())


class TwoMachines(Case):
    def setUp(self):
        super().setUp()
        self.a = self.root / "a"
        self.b = self.root / "b"
        self.a.mkdir()
        (self.a / "one.txt").write_text("base\n")
        (self.a / "two.txt").write_text("base\n")
        self.init(self.a)
        self.sync(self.a)
        self.clone(self.b)

    def test_edits_of_different_files_both_arrive(self):
        (self.a / "one.txt").write_text("by a\n")
        (self.b / "two.txt").write_text("by b\n")
        self.sync(self.a)
        self.sync(self.b, machine="two")
        self.sync(self.a)
        self.assert_same_trees(self.a, self.b)
        self.assertEqual((self.a / "two.txt").read_text(), "by b\n")

    def conflict(self):
        (self.a / "one.txt").write_text("by a\n")
        (self.b / "one.txt").write_text("by b, longer\n")
        self.sync(self.a)
        report = self.sync(self.b, machine="two", expect=3)
        copies = [path for path in self.b.iterdir() if path.name.startswith("conflict-")]
        self.assertEqual(len(copies), 1)
        return report, copies[0]

    def test_the_same_file_edited_twice_ends_with_3_and_both_contents(self):
        report, copy = self.conflict()
        self.assertEqual(report["conflicts"][0]["path"], "one.txt")
        self.assertRegex(copy.name, re.compile(r"^conflict-\d{8}\.\d{6}\.one\.txt$"))
        self.assertEqual(copy.read_text(), "by a\n")
        self.assertEqual((self.b / "one.txt").read_text(), "by b, longer\n")
        self.assertEqual(self.sync(self.a)["generation"], 2)
        self.assertEqual((self.a / "one.txt").read_text(), "by a\n")

    def test_keeping_the_local_file_publishes_it(self):
        self.conflict()
        self.mikura("-C", self.b, "resolve", "one.txt", "--keep-local", machine="two", expect=0)
        self.sync(self.b, machine="two")
        self.sync(self.a)
        self.assertEqual((self.a / "one.txt").read_text(), "by b, longer\n")
        self.assert_same_trees(self.a, self.b)

    def test_taking_the_remote_file_keeps_the_local_one_in_the_backup(self):
        self.conflict()
        report = self.mikura("-C", self.b, "--json", "resolve", "one.txt", "--take-remote", machine="two", expect=0).json
        backups = list((self.b / ".mikura" / "backup").rglob("one.txt"))
        self.assertIn("by b, longer\n", [path.read_text() for path in backups], report)
        self.sync(self.b, machine="two")
        self.assertEqual(tree(self.a), tree(self.b))


if __name__ == "__main__":
    import unittest
    unittest.main()

"""Conflicts of texts from the command line: merged, marked, kept under two names, or settled by a policy of the workspace."""

import json

from support import Case

BASE = "one\ntwo\nthree\nfour\nfive\n"


class Merges(Case):
    def setUp(self):
        super().setUp()
        self.a, self.b = self.root / "a", self.root / "b"
        self.a.mkdir()
        (self.a / "notes.txt").write_text(BASE)
        self.init(self.a)
        self.sync(self.a)
        self.clone(self.b)

    def both_edit(self, by_a: str, by_b: str) -> None:
        (self.a / "notes.txt").write_text(by_a)
        self.sync(self.a)
        (self.b / "notes.txt").write_text(by_b)

    def resolve(self, *words, expect=0) -> dict:
        return self.mikura("-C", self.b, "--json", "resolve", "notes.txt", *words, machine="two", expect=expect)

    def test_a_merge_brings_both_changes_together(self):
        self.both_edit(BASE.replace("one", "ONE"), BASE.replace("five", "FIVE"))
        conflict = self.sync(self.b, machine="two", expect=3)["conflicts"][0]
        self.assertIsNotNone(conflict["base_version"])
        self.assertGreater(conflict["remote_created_ms"], 0)
        report = self.resolve("--merge").json
        self.assertEqual(report["resolved"][0]["markers"], 0)
        self.assertEqual((self.b / "notes.txt").read_text(), "ONE\ntwo\nthree\nfour\nFIVE\n")
        self.sync(self.b, machine="two")
        self.sync(self.a)
        self.assert_same_trees(self.a, self.b)

    def test_what_cannot_be_merged_is_left_alone_or_marked(self):
        self.both_edit(BASE.replace("one", "by a"), BASE.replace("one", "by b"))
        self.sync(self.b, machine="two", expect=3)
        refused = self.resolve("--merge", expect=None)
        self.assertNotEqual(refused.code, 0)
        self.assertEqual(json.loads(refused.err)["error"]["code"], "conflict")
        self.assertEqual((self.b / "notes.txt").read_text(), BASE.replace("one", "by b"))
        self.assertEqual(self.resolve("--merge", "--markers", expect=3).json["resolved"][0]["markers"], 1)
        text = (self.b / "notes.txt").read_text()
        for mark in ("<<<<<<< local\nby b\n", "||||||| base\none\n", "=======\nby a\n", ">>>>>>> "):
            self.assertIn(mark, text)
        self.assertEqual(self.resolve("--markers", expect=None).code, 2)

    def test_both_are_kept_under_two_names(self):
        self.both_edit("by a\n", "by b\n")
        self.sync(self.b, machine="two", expect=3)
        kept = self.resolve("--keep-both").json["resolved"][0]["kept_as"]
        self.assertTrue(kept.startswith("notes (") and kept.endswith(").txt"), kept)
        self.sync(self.b, machine="two")
        self.sync(self.a)
        self.assert_same_trees(self.a, self.b)
        self.assertEqual((self.a / kept).read_text(), "by a\n")
        self.assertEqual((self.a / "notes.txt").read_text(), "by b\n")

    def test_the_policy_of_the_workspace_is_used_by_every_run(self):
        shown = self.mikura("-C", self.b, "--json", "configure", "--policy", "merge", machine="two", expect=0).json
        self.assertEqual(shown["policy"], "merge")
        self.assertTrue(shown["use_gitignore"])
        self.both_edit(BASE.replace("one", "ONE"), BASE.replace("five", "FIVE"))
        report = self.sync(self.b, machine="two")
        self.assertIn("merge", [action["action"] for action in report["actions"]])
        self.assertEqual((self.b / "notes.txt").read_text(), "ONE\ntwo\nthree\nfour\nFIVE\n")
        self.mikura("-C", self.b, "configure", "--policy", "lastWriteWins", "--gitignore", "off", machine="two", expect=0)
        self.sync(self.a)
        self.both_edit("older, by a\n", "newer, by b\n")
        self.sync(self.b, machine="two")
        self.sync(self.a)
        self.assertEqual((self.a / "notes.txt").read_text(), "newer, by b\n")

"""A store that changes, swaps, drops or turns back what it holds: exit 6, the object named, the folder untouched."""

import shutil

from support import Case, store_files


class HostileStore(Case):
    def setUp(self):
        super().setUp()
        self.a = self.root / "a"
        (self.a / "folder").mkdir(parents=True)
        for i in range(12):
            (self.a / "folder" / f"f{i}.txt").write_text(f"content {i}\n" * 50)
        (self.a / "large").write_bytes(bytes(range(256)) * 1024)
        self.init(self.a)
        self.sync(self.a)
        self.place = self.root / "store"
        self.attempt = 0

    def expect_refusal(self, name: str) -> None:
        self.attempt += 1
        target = self.root / f"clone{self.attempt}"
        outcome = self.mikura("--key-file", self.key, "clone", self.store, target, machine=f"m{self.attempt}")
        self.assertEqual(outcome.code, 6, f"{name}: {outcome.err}")
        self.assertIn(name.split("/")[-1] if not name.startswith("keys") else "key", outcome.err)
        self.assertFalse(target.exists(), name)

    def test_a_flipped_byte_in_any_object(self):
        for path in store_files(self.place):
            good = path.read_bytes()
            for at in (0, len(good) // 3, len(good) - 1):
                bad = bytearray(good)
                bad[at] ^= 0x20
                path.write_bytes(bad)
                self.expect_refusal(str(path.relative_to(self.place)))
            path.write_bytes(good)
        self.clone(self.root / "good")

    def test_a_missing_truncated_or_empty_object(self):
        for path in store_files(self.place):
            name = str(path.relative_to(self.place))
            if name == "repository" or name.startswith("keys/"):
                continue
            good = path.read_bytes()
            for bad in (None, b"", good[:-1], good + b"\0"):
                if bad is None:
                    path.unlink()
                else:
                    path.write_bytes(bad)
                self.expect_refusal(name)
            path.write_bytes(good)

    def test_a_changed_pack_or_catalog_is_refused_or_made_up_for(self):
        for i in range(40):
            (self.a / "folder" / f"packed{i}.txt").write_text(f"packed {i}\n" * 50)
        self.sync(self.a)
        pack, = (self.place / "packs").iterdir()
        catalog, = (self.place / "catalogs").iterdir()
        good = pack.read_bytes()
        for at in range(0, len(good) * 3 // 4, 997):  # the blobs; the directory is at the end
            bad = bytearray(good)
            bad[at] ^= 0x20
            pack.write_bytes(bad)
            self.expect_refusal(f"packs/{pack.name}")
        for bad in (None, b"", good[:100]):
            pack.unlink() if bad is None else pack.write_bytes(bad)
            self.expect_refusal(f"packs/{pack.name}")
        pack.write_bytes(good)
        for number, bad in enumerate((None, b"", b"MK" * 500, catalog.read_bytes()[:-1])):
            catalog.unlink(missing_ok=True) if bad is None else catalog.write_bytes(bad)
            clone = self.root / f"without catalog {number}"
            self.clone(clone, machine=f"c{number}")
            self.assert_same_trees(self.a, clone)

    def test_two_objects_in_each_others_place(self):
        objects = [path for path in store_files(self.place) if "objects" in path.parts]
        first, second = objects[0], objects[1]
        one, two = first.read_bytes(), second.read_bytes()
        first.write_bytes(two)
        second.write_bytes(one)
        self.attempt += 1
        outcome = self.clone(self.root / "swapped", machine="swap", expect=6)
        self.assertTrue(first.name in outcome.err or second.name in outcome.err, outcome.err)

    def test_a_store_that_goes_back_in_time(self):
        old = self.root / "old store"
        shutil.copytree(self.place, old)
        (self.a / "new.txt").write_text("new\n")
        self.sync(self.a)
        shutil.rmtree(self.place)
        old.rename(self.place)
        outcome = self.mikura("-C", self.a, "sync", expect=6)
        self.assertIn("already seen", outcome.err)
        self.assertEqual((self.a / "new.txt").read_text(), "new\n")

    def test_another_repository_in_the_place_of_ours(self):
        shutil.rmtree(self.place)
        other = self.root / "other"
        other.mkdir()
        self.init(other, machine="stranger")
        (self.a / "mine.txt").write_text("mine\n")
        outcome = self.mikura("-C", self.a, "sync")
        self.assertEqual(outcome.code, 6, outcome.err)
        self.assertEqual((self.a / "mine.txt").read_text(), "mine\n")


if __name__ == "__main__":
    import unittest
    unittest.main()

"""The arrows of the architecture, as a test. The second half proves that the rules catch what they are for."""

import tempfile
import unittest
from pathlib import Path

import layers

ROOT = Path(__file__).resolve().parents[2]


class TheTree(unittest.TestCase):
    tree = layers.Tree(ROOT)

    def expect_none(self, complaints) -> None:
        if complaints:
            self.fail("\n  " + "\n  ".join(complaints))

    def test_the_table_points_only_downward(self):
        self.expect_none(layers.table_order())

    def test_every_folder_is_in_the_table(self):
        self.expect_none(layers.folders(self.tree))

    def test_no_include_points_upward(self):
        self.expect_none(layers.includes(self.tree))

    def test_each_third_party_library_is_included_by_its_folder_only(self):
        self.expect_none(layers.third_party(self.tree))

    def test_libraries_link_what_they_include(self):
        self.expect_none(layers.links(self.tree))

    def test_every_source_file_is_built(self):
        self.expect_none(layers.listed(self.tree))

    def test_cmake_adds_the_folders_from_bottom_to_top(self):
        self.expect_none(layers.cmake_order(self.tree))

    def test_there_is_something_to_check(self):
        self.assertGreater(len(self.tree.files), 100)


class TheRules(unittest.TestCase):
    """Over small trees, each with one thing wrong."""

    def complaints(self, rule, files) -> list:
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            return rule(layers.Tree(Path(folder)))

    def expect(self, rule, files, *parts) -> None:
        found = self.complaints(rule, files)
        self.assertEqual(1, len(found), found)
        for part in parts:
            self.assertIn(part, found[0])

    BASE = {"engine/base/bytes.h": "", "engine/vault/vault.h": "", "engine/store/store.h": "", "engine/testing/fake.h": ""}

    def test_an_upward_include_is_caught(self):
        self.expect(layers.includes, {**self.BASE, "engine/base/a.cc": '// a\n#include "vault/vault.h"\n'}, "engine/base/a.cc:2", "vault/vault.h")

    def test_an_include_between_siblings_is_caught(self):
        self.expect(layers.includes, {**self.BASE, "engine/local/a.cc": '#include "store/store.h"\n'}, "local may not include")

    def test_an_upward_include_in_a_test_is_caught_too(self):
        self.expect(layers.includes, {**self.BASE, "engine/base/a_test.cc": '#include "vault/vault.h"\n'}, "a_test.cc:1")

    def test_a_downward_include_is_fine(self):
        self.assertEqual([], self.complaints(layers.includes, {**self.BASE, "engine/vault/a.cc": '#include "base/bytes.h"\n'}))

    def test_an_include_in_a_comment_is_no_include(self):
        self.assertEqual([], self.complaints(layers.includes, {**self.BASE, "engine/base/a.cc": '// #include "vault/vault.h"\n/*\n#include "vault/vault.h"\n*/\n'}))

    def test_a_header_that_does_not_exist_is_caught(self):
        self.expect(layers.includes, {**self.BASE, "engine/vault/a.cc": '#include "base/gone.h"\n'}, "no path of a header")

    def test_the_product_may_not_use_test_helpers(self):
        self.expect(layers.includes, {**self.BASE, "engine/vault/a.cc": '#include "testing/fake.h"\n'}, "only tests")
        self.assertEqual([], self.complaints(layers.includes, {**self.BASE, "engine/vault/a_test.cc": '#include "testing/fake.h"\n'}))

    def test_a_library_in_the_wrong_folder_is_caught(self):
        self.expect(layers.third_party, {"engine/net/a.cc": "#include <sqlite3.h>\n"}, "only in local")
        self.assertEqual([], self.complaints(layers.third_party, {"engine/local/a.cc": "#include <sqlite3.h>\n"}))

    def test_an_unknown_library_is_caught(self):
        self.expect(layers.third_party, {"engine/net/a.cc": "#include <boost/asio.hpp>\n"}, "in no table")

    def test_a_test_library_in_the_product_is_caught(self):
        self.expect(layers.third_party, {"engine/net/a.h": "#include <gtest/gtest.h>\n"}, "only tests")

    def test_a_missing_link_is_caught(self):
        self.expect(layers.links, {**self.BASE, "engine/vault/a.cc": '#include "base/bytes.h"\n',
                                   "engine/vault/CMakeLists.txt": "mikura_library(vault\n  SOURCES a.cc)\n"}, "mikura_base belongs to")

    def test_a_needless_link_is_caught(self):
        self.expect(layers.links, {**self.BASE, "engine/vault/CMakeLists.txt": "mikura_library(vault\n  SOURCES a.cc\n  DEPENDS mikura_base)\n"},
                    "nothing of it is included")

    def test_a_forgotten_source_file_is_caught(self):
        self.expect(layers.listed, {"engine/base/a_test.cc": "", "engine/base/CMakeLists.txt": "mikura_test(base SOURCES b_test.cc)\n"}, "never built")

    def test_folders_added_in_the_wrong_order_are_caught(self):
        self.expect(layers.cmake_order, {"CMakeLists.txt": "add_subdirectory(engine/vault)\nadd_subdirectory(engine/base)\n"}, "order")


if __name__ == "__main__":
    unittest.main()

#include <gtest/gtest.h>

#include "merge/plan.h"
#include "merge/tree_text.h"

namespace mikura {
namespace {

std::string to_text(const std::vector<Change>& changes) {
  std::string text;
  for (const Change& change : changes) {
    if (!text.empty()) text += ", ";
    switch (change.kind) {
      case Change::Kind::added:
        text += "added ";
        break;
      case Change::Kind::removed:
        text += "removed ";
        break;
      case Change::Kind::modified:
        text += "modified ";
        break;
      case Change::Kind::mode_changed:
        text += "mode changed ";
        break;
      case Change::Kind::kind_changed:
        text += "kind changed ";
        break;
    }
    text += change.path();
  }
  return text;
}

std::string changes(std::string_view before, std::string_view after) {
  const auto a = parse_tree(before);
  const auto b = parse_tree(after);
  return to_text(compare_trees(a, b));
}

std::string renames(std::string_view before, std::string_view after) {
  const auto a = parse_tree(before);
  const auto b = parse_tree(after);
  std::string text;
  for (const Rename& rename : find_renames(compare_trees(a, b))) {
    if (!text.empty()) text += ", ";
    text += rename.from->path + " > " + rename.to->path;
  }
  return text;
}

TEST(CompareTrees, TellsEachKindOfChange) {
  EXPECT_EQ(changes("a=1 b=1 c=1 d=1 e=1 l->x", "b=2 c=1:755 d->x e=1 f/ l->y"),
            "removed a, modified b, mode changed c, kind changed d, added f, modified l");
}

TEST(CompareTrees, TakesNoTouchForAChange) {
  EXPECT_EQ(changes("a=1~1 d/~1", "a=1~2 d/~2"), "");
}

TEST(CompareTrees, AFileThatBecomesAFolderChangesItsKind) {
  EXPECT_EQ(changes("a=1", "a/x=1"), "kind changed a, added a/x");
}

TEST(CompareTrees, AContentThatChangesWithItsModeIsModified) {
  EXPECT_EQ(changes("a=1", "a=2:755"), "modified a");
}

TEST(CompareTrees, EverythingIsAddedToNothing) {
  EXPECT_EQ(changes("", "a=1 d/b=1"), "added a, added d, added d/b");
  EXPECT_EQ(changes("a=1 d/b=1", ""), "removed a, removed d, removed d/b");
}

TEST(FindRenames, PairsRemovedAndAddedFilesOfOneContent) {
  EXPECT_EQ(renames("a=1 b=2", "c=1 b=2"), "a > c");
  EXPECT_EQ(renames("old/a=1 old/b=2", "new/a=1 new/b=2"), "old/a > new/a, old/b > new/b");
}

TEST(FindRenames, UsesEachFileOnce) {
  EXPECT_EQ(renames("a=1", "b=1 c=1"), "a > b");
  EXPECT_EQ(renames("a=1 b=1", "c=1"), "a > c");
}

TEST(FindRenames, PrefersTheSameName) {
  EXPECT_EQ(renames("a/x=1 a/y=1 a/z=1", "b/w=1 b/y=1 b/z=1"), "a/x > b/w, a/y > b/y, a/z > b/z");
}

TEST(FindRenames, LeavesOutEmptyFilesCopiesFoldersAndSymlinks) {
  EXPECT_EQ(renames("a=", "b="), "");
  EXPECT_EQ(renames("a=1", "a=1 b=1"), "");
  EXPECT_EQ(renames("a/", "b/"), "");
  EXPECT_EQ(renames("a->x", "b->x"), "");
}

}  // namespace
}  // namespace mikura

// Resolving a conflict in all its forms: what is chosen stays, what is given up is kept.
#include "sync/resolve.h"

#include <gtest/gtest.h>

#include "sync/sync_test_fixture.h"

namespace mikura {
namespace {

class ResolveTest : public SyncTest {
 protected:
  ResolveTest() : a(store, 4, "laptop: A"), b(store) {}

  // "f" is in conflict in b.
  std::string make_conflict() {
    a.write("d/f.txt", "base");
    a.must_sync();
    b.must_sync(SyncMode::pull);
    a.write("d/f.txt", "by a");
    a.must_sync();
    b.write("d/f.txt", "by b, longer");
    const auto conflicts = b.must_sync().conflicts;
    EXPECT_EQ(conflicts.size(), 1U);
    return conflicts.empty() ? "" : conflicts[0].copy_path;
  }

  Machine a;
  Machine b;
};

TEST_F(ResolveTest, KeepBothGivesTheCopyANameThatIsSynced) {
  const std::string copy = make_conflict();
  const auto resolved = b.resolve("d/f.txt", Resolution::keep_both);
  ASSERT_TRUE(resolved) << resolved.error().message();
  EXPECT_TRUE(resolved->kept_as.starts_with("d/f (laptop A, 20")) << resolved->kept_as;
  EXPECT_TRUE(resolved->kept_as.ends_with(").txt")) << resolved->kept_as;
  EXPECT_FALSE(b.exists(copy));
  EXPECT_EQ(b.read(resolved->kept_as), "by a");
  EXPECT_TRUE(b.must_sync().conflicts.empty());
  a.must_sync();
  EXPECT_EQ(a.read("d/f.txt"), "by b, longer");
  EXPECT_EQ(a.read(resolved->kept_as), "by a");
  EXPECT_EQ(a.everything(), b.everything());
}

TEST_F(ResolveTest, KeepBothOverwritesNothingAndKeepsWhatWasDoneToTheCopy) {
  const std::string copy = make_conflict();
  b.write(copy, "by a, and looked over by b");
  const auto first = b.resolve(copy, Resolution::keep_both);
  ASSERT_TRUE(first);
  // Once more, in the same minute: the name is taken now.
  a.must_sync();
  b.must_sync();
  a.must_sync();
  a.write("d/f.txt", "by a again");
  a.must_sync();
  b.write("d/f.txt", "by b again");
  ASSERT_EQ(b.must_sync().conflicts.size(), 1U);
  const auto second = b.resolve("d/f.txt", Resolution::keep_both);
  ASSERT_TRUE(second);
  EXPECT_NE(first->kept_as, second->kept_as);
  EXPECT_EQ(b.read(first->kept_as), "by a, and looked over by b");
  EXPECT_EQ(b.read(second->kept_as), "by a again");
}

TEST_F(ResolveTest, KeepBothOfAFolderKeepsAllOfIt) {
  a.write("name", "file");
  a.must_sync();
  b.must_sync(SyncMode::pull);
  a.remove("name");
  a.write("name/x", "1");
  a.write("name/y/z", "2");
  a.must_sync();
  b.write("name", "edited file");
  ASSERT_EQ(b.must_sync().conflicts.size(), 1U);
  const auto resolved = b.resolve("name", Resolution::keep_both);
  ASSERT_TRUE(resolved) << resolved.error().message();
  EXPECT_EQ(b.read(resolved->kept_as + "/x"), "1");
  EXPECT_EQ(b.read(resolved->kept_as + "/y/z"), "2");
  b.must_sync();
  a.must_sync();
  EXPECT_EQ(a.everything(), b.everything());
  EXPECT_EQ(a.read("name"), "edited file");
}

TEST_F(ResolveTest, KeepBothWithoutACopySaysSoAndChangesNothing) {
  const std::string copy = make_conflict();
  b.remove(copy);
  EXPECT_TRUE(b.resolve("d/f.txt", Resolution::keep_both).failed_with(Code::not_found));
  EXPECT_EQ(b.state->conflicts()->size(), 1U);
}

// "d/f.txt" is in conflict in b, and then "d" is, which is a file elsewhere by now.
TEST_F(ResolveTest, TakeRemoteOfAFolderGivesUpTheConflictsWithinIt) {
  const std::string copy = make_conflict();
  a.remove("d");
  a.write("d", "a file by a");
  a.must_sync();
  ASSERT_EQ(b.must_sync().conflicts.size(), 2U);
  const auto resolved = b.resolve("d", Resolution::take_remote);
  ASSERT_TRUE(resolved) << resolved.error().message();
  EXPECT_EQ(b.read("d"), "a file by a");
  EXPECT_EQ(b.read(resolved->backup_folder + "/d/f.txt"), "by b, longer");
  EXPECT_EQ(b.read(resolved->backup_folder + "/" + copy), "by a");
  EXPECT_TRUE(b.conflict_copies().empty());
  const SyncReport report = b.must_sync();
  EXPECT_TRUE(report.conflicts.empty());
  EXPECT_FALSE(report.published);
  EXPECT_EQ(a.everything(true), b.everything(true));
}

TEST_F(ResolveTest, TakeRemoteOfAFolderIsRefusedUntouchedIfAWholeFolderIsInConflictWithinIt) {
  a.write("d/name", "file");
  a.must_sync();
  b.must_sync(SyncMode::pull);
  a.remove("d/name");
  a.write("d/name/x", "1");
  a.must_sync();
  b.write("d/name", "edited file");
  ASSERT_EQ(b.must_sync().conflicts.size(), 1U);
  a.remove("d");
  a.write("d", "a file by a");
  a.must_sync();
  ASSERT_EQ(b.must_sync().conflicts.size(), 2U);
  const auto before = b.everything(true);
  EXPECT_TRUE(b.resolve("d", Resolution::take_remote).failed_with(Code::refused));
  EXPECT_EQ(b.everything(true), before);
}

TEST_F(ResolveTest, WhatAnEditorHoldsIsNotTouched) {
  const std::string copy = make_conflict();
  EXPECT_TRUE(
      b.resolve("d/f.txt", Resolution::take_remote, {"d/f.txt"}).failed_with(Code::refused));
  EXPECT_TRUE(b.resolve("d/f.txt", Resolution::keep_local, {copy}).failed_with(Code::refused));
  EXPECT_TRUE(b.resolve("d/f.txt", Resolution::keep_both, {copy}).failed_with(Code::refused));
  EXPECT_EQ(b.read("d/f.txt"), "by b, longer");
  EXPECT_EQ(b.read(copy), "by a");
  EXPECT_TRUE(b.resolve("d/f.txt", Resolution::keep_local, {"d/f.txt"}))
      << "the local file is not touched by it";
}

TEST_F(ResolveTest, WhatIsNotInConflictCannotBeResolved) {
  make_conflict();
  EXPECT_TRUE(b.resolve("d", Resolution::keep_local).failed_with(Code::not_found));
}

}  // namespace
}  // namespace mikura

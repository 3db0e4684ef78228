// An apply that is killed at any of its steps, and a repository that moves on before the next run:
// what was brought is never taken for the user's work.
#include "sync/unfinished_apply.h"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include "sync/base.h"
#include "sync/dying_tree_test_fixture.h"
#include "sync/snapshot.h"
#include "sync/sync_test_fixture.h"
#include "sync/versions.h"

namespace mikura {
namespace {

Entry file_entry(const std::string& path, unsigned char content, std::int64_t mtime_ns = 0) {
  Entry entry;
  entry.path = path;
  entry.sha256.mutable_bytes()[0] = static_cast<std::byte>(content);
  entry.mtime_ns = mtime_ns;
  return entry;
}

Entry folder_entry(const std::string& path, std::uint16_t mode) {
  Entry entry;
  entry.path = path;
  entry.kind = EntryKind::directory;
  entry.mode = mode;
  return entry;
}

BaseVersion version_of(unsigned char n) {
  BaseVersion version;
  version.version.mutable_bytes()[0] = static_cast<std::byte>(n);
  version.generation = n;
  return version;
}

struct Case {
  KnownBase base{version_of(1), {}, {}};
  UnfinishedApply apply{{version_of(2), {}}, {}};
  ScannedTree local;
  std::set<std::string> unreadable;
  std::vector<ConflictRecord> conflicts;

  std::optional<KnownBase> run() const {
    return with_applied(base, apply, local, unreadable, conflicts);
  }
};

TEST(WithApplied, NothingWasBroughtIfTheTreeIsTheBase) {
  Case c;
  c.base.tree.entries = c.local.entries = {file_entry("edited", 1), file_entry("gone", 1)};
  c.apply.tree.entries = {file_entry("added", 2), file_entry("edited", 2)};
  EXPECT_EQ(c.run(), std::nullopt);
}

TEST(WithApplied, PathByPathTheBaseIsWhatTheTreeAgreesWith) {
  Case c;
  c.base.tree.entries = {file_entry("a", 1), file_entry("b", 1), file_entry("c", 1),
                         file_entry("gone a", 1), file_entry("gone b", 1)};
  c.apply.tree.entries = {file_entry("a", 2), file_entry("added a", 2), file_entry("added b", 2),
                          file_entry("b", 2), file_entry("c", 2)};
  c.local.entries = {file_entry("a", 2), file_entry("added a", 2), file_entry("b", 1),
                     file_entry("c", 9), file_entry("gone b", 1)};
  const auto known = c.run();
  ASSERT_TRUE(known);
  EXPECT_EQ(known->tree.entries,
            (std::vector{file_entry("a", 2), file_entry("added a", 2), file_entry("b", 1),
                         file_entry("c", 1), file_entry("gone b", 1)}));
}

TEST(WithApplied, TheVersionIsThatWhichLeavesFewerExceptions) {
  Case c;
  for (const char* path : {"1", "2", "3", "4", "5"}) {
    c.base.tree.entries.push_back(file_entry(path, 1));
    c.apply.tree.entries.push_back(file_entry(path, 2));
  }
  c.local = {};
  c.local.entries = c.base.tree.entries;
  c.local.entries[0] = file_entry("1", 2);
  auto known = *c.run();
  EXPECT_EQ(known.version, version_of(1));
  EXPECT_EQ(known.exceptions,
            (std::vector<BaseException>{{"1", file_entry("1", 2), version_of(2).version}}));
  c.local.entries = c.apply.tree.entries;
  c.local.entries[4] = file_entry("5", 1);
  known = *c.run();
  EXPECT_EQ(known.version, version_of(2));
  EXPECT_EQ(known.exceptions,
            (std::vector<BaseException>{{"5", file_entry("5", 1), version_of(1).version}}));
  EXPECT_EQ(with_exceptions(c.apply.tree, known.exceptions).entries, known.tree.entries);
}

TEST(WithApplied, OlderExceptionsStayAndKnowWhereTheyComeFrom) {
  Case c;
  c.base.exceptions = {{"old", file_entry("old", 7), version_of(9).version},
                       {"x", file_entry("x", 7), version_of(9).version}};
  c.base.tree.entries = {file_entry("a", 1), file_entry("old", 7), file_entry("x", 7)};
  c.apply.tree.entries = {file_entry("a", 1), file_entry("old", 2), file_entry("x", 2)};
  c.local.entries = {file_entry("a", 1), file_entry("old", 7), file_entry("x", 2)};
  const auto known = *c.run();
  EXPECT_EQ(known.version, version_of(2));
  EXPECT_EQ(known.exceptions,
            (std::vector<BaseException>{{"old", file_entry("old", 7), version_of(9).version}}));
}

TEST(WithApplied, AFirstPullIsRecognisedWithoutABase) {
  Case c;
  c.base.version.reset();
  c.apply.tree.entries = {file_entry("a", 2), file_entry("b", 2)};
  c.local.entries = {file_entry("a", 2)};
  const auto known = *c.run();
  EXPECT_EQ(known.version, version_of(2));
  EXPECT_EQ(known.exceptions, (std::vector<BaseException>{{"b", std::nullopt, std::nullopt}}));
}

TEST(WithApplied, WhatCannotBeReadIsNotTakenForRemoved) {
  Case c;
  c.base.tree.entries = {file_entry("dark", 1), folder_entry("d", 0755), file_entry("d/x", 1)};
  std::swap(c.base.tree.entries[0], c.base.tree.entries[1]);
  std::swap(c.base.tree.entries[1], c.base.tree.entries[2]);
  c.unreadable = {"d", "dark"};
  EXPECT_EQ(c.run(), std::nullopt);
}

TEST(WithApplied, AFolderThatWasJustMadeNeedNotHaveItsModeYet) {
  Case c;
  c.apply.tree.entries = {folder_entry("d", 0555)};
  c.local.entries = {folder_entry("d", 0755)};
  EXPECT_EQ(c.run()->tree.entries, c.apply.tree.entries);
}

TEST(WithApplied, ATimeAloneIsRecognisedToo) {
  Case c;
  c.base.tree.entries = {file_entry("a", 1, 10), file_entry("b", 1, 10)};
  c.apply.tree.entries = {file_entry("a", 1, 20), file_entry("b", 1, 20)};
  c.local.entries = {file_entry("a", 1, 20), file_entry("b", 1, 10)};
  EXPECT_EQ(c.run()->tree.entries, (std::vector{file_entry("a", 1, 20), file_entry("b", 1, 10)}));
}

TEST(WithApplied, AMergeStandsInForTheContentThatItHolds) {
  Case c;
  c.base.tree.entries = {file_entry("a", 1), file_entry("b", 1)};
  c.apply.tree.entries = {file_entry("a", 2), file_entry("b", 2)};
  c.local.entries = {file_entry("a", 3), file_entry("b", 3)};
  c.apply.record.merges = {{"a", file_entry("", 3).sha256}};
  EXPECT_EQ(c.run()->tree.entries, (std::vector{file_entry("a", 2), file_entry("b", 1)}));
}

TEST(WithApplied, AConflictWhoseCopyIsThereIsDealtWith) {
  Case c;
  c.base.tree.entries = {file_entry("a", 1), file_entry("b", 1)};
  c.apply.tree.entries = {file_entry("a", 2), file_entry("b", 2)};
  c.local.entries = {file_entry("a", 3), file_entry("b", 3)};
  ConflictRecord announced;
  announced.path = "a";
  announced.remote_version = version_of(2).version;
  ConflictRecord copied = announced;
  copied.path = "b";
  copied.copied = true;
  c.conflicts = {announced, copied};
  EXPECT_EQ(c.run()->tree.entries, (std::vector{file_entry("a", 1), file_entry("b", 2)}));
}

class UnfinishedApplyTest : public SyncTest {
 protected:
  // b pulls what a has published, and dies at its n-th call to the tree. False if it lives.
  static bool dies_in_pull(Machine& b, unsigned n, bool in_effect) {
    auto dying = std::make_unique<DyingTree>(std::move(b.tree), n, in_effect);
    const DyingTree& tree = *dying;
    b.tree = std::move(dying);
    const auto pulled = b.sync(SyncMode::pull);
    const bool died = tree.is_dead();
    EXPECT_EQ(pulled.failed_with(Code::cancelled), died);
    b.reopen();
    return died;
  }

  // Everything that can be brought: an edit, an addition, a deletion, folders, a link, kinds.
  static void first_version(Machine& a) {
    for (const char* path : {"edited", "gone", "folder gone/x", "becomes folder", "folder/inner",
                             "becomes file/x", "mode"})
      a.write(path, "1");
    a.must_sync();
  }
  static void second_version(Machine& a) {
    a.write("edited", "2");
    a.write("added", "2");
    a.write("new folder/deep/added", "2");
    for (const char* path : {"gone", "folder gone", "becomes folder", "becomes file"})
      a.remove(path);
    a.write("becomes folder/x", "2");
    a.write("becomes file", "2");
    std::filesystem::create_symlink("edited", a.root / "link");
    ASSERT_EQ(::chmod((a.root / "mode").c_str(), 0755), 0);
    a.must_sync();
  }
};

TEST_F(UnfinishedApplyTest, WhereverItIsKilledNothingOfItIsTakenForTheUsersWork) {
  for (const bool in_effect : {false, true}) {
    for (unsigned n = 0;; ++n) {
      ASSERT_LT(n, 200U);
      MemoryStore fresh(std::make_shared<MemoryStorage>());
      ASSERT_TRUE(create_in(fresh));
      Machine a(fresh, 1);
      Machine b(fresh, 1);
      first_version(a);
      b.must_sync(SyncMode::pull);
      second_version(a);
      if (!dies_in_pull(b, n, in_effect)) break;
      // Everything that was brought changes again, or goes back to what it was.
      a.write("edited", "3");
      a.write("gone", "1");
      a.write("folder gone/x", "1");
      for (const char* path : {"added", "new folder", "becomes folder", "becomes file", "link"})
        a.remove(path);
      a.write("becomes folder", "1");
      a.write("becomes file/x", "1");
      a.remove("mode");
      a.must_sync();
      const SyncReport report = b.must_sync();
      EXPECT_TRUE(report.conflicts.empty()) << n << in_effect;
      EXPECT_FALSE(report.published) << n << in_effect;
      EXPECT_EQ(b.everything(true), a.everything(true)) << n << in_effect;
      EXPECT_EQ(*b.state->announced_apply(), std::nullopt) << n << in_effect;
    }
  }
}

TEST_F(UnfinishedApplyTest, WhatTheUserDidMeanwhileIsStillTheUsersWork) {
  for (unsigned n = 0;; ++n) {
    ASSERT_LT(n, 200U);
    MemoryStore fresh(std::make_shared<MemoryStorage>());
    ASSERT_TRUE(create_in(fresh));
    Machine a(fresh, 1);
    Machine b(fresh, 1);
    first_version(a);
    b.must_sync(SyncMode::pull);
    second_version(a);
    if (!dies_in_pull(b, n, true)) break;
    b.write("mine", "by b");
    b.remove("folder");
    a.write("edited", "3");
    a.must_sync();
    EXPECT_TRUE(b.must_sync().conflicts.empty()) << n;
    a.must_sync();
    EXPECT_EQ(a.read("mine"), "by b") << n;
    EXPECT_FALSE(a.exists("folder")) << n;
    EXPECT_EQ(b.read("edited"), "3") << n;
    EXPECT_EQ(b.everything(true), a.everything(true)) << n;
  }
}

TEST_F(UnfinishedApplyTest, AMergeThatWasKilledIsNoConflictWithWhatFollows) {
  for (unsigned n = 0;; ++n) {
    ASSERT_LT(n, 100U);
    MemoryStore fresh(std::make_shared<MemoryStorage>());
    ASSERT_TRUE(create_in(fresh));
    Machine a(fresh, 1);
    Machine b(fresh, 1);
    const std::string middle = "\n2\n3\n4\n5\n6\n7\n8\n";
    a.write("text", "1" + middle + "9\n");
    a.must_sync();
    b.must_sync(SyncMode::pull);
    a.write("text", "1 by a" + middle + "9\n");
    a.must_sync();
    b.write("text", "1" + middle + "9 by b\n");
    auto dying = std::make_unique<DyingTree>(std::move(b.tree), n, true);
    const DyingTree& tree = *dying;
    b.tree = std::move(dying);
    SyncRequest merging;
    merging.policy = Policy::merge;
    (void)b.sync(SyncMode::pull, merging);
    const bool died = tree.is_dead();
    b.reopen();
    if (!died) break;
    // The very line that the merge took is edited again.
    a.write("text", "1 by a again" + middle + "9\n");
    a.must_sync();
    const auto report = b.sync(SyncMode::sync, merging);
    ASSERT_TRUE(report) << report.error().message();
    EXPECT_TRUE(report->conflicts.empty()) << n;
    EXPECT_EQ(b.read("text"), "1 by a again" + middle + "9 by b\n") << n;
  }
}

TEST_F(UnfinishedApplyTest, AConflictIsResolvedWithWhatLiesInItsCopy) {
  for (unsigned n = 0;; ++n) {
    ASSERT_LT(n, 100U);
    MemoryStore fresh(std::make_shared<MemoryStorage>());
    ASSERT_TRUE(create_in(fresh));
    Machine a(fresh, 1);
    Machine b(fresh, 1);
    a.write("f", "1");
    a.write("other", "1");
    a.must_sync();
    b.must_sync(SyncMode::pull);
    a.write("f", "2 by a");
    a.write("other", "2 by a");
    a.must_sync();
    b.write("f", "2 by b");
    if (!dies_in_pull(b, n, true)) break;
    const auto conflicts = *b.state->conflicts();
    if (conflicts.empty() || !conflicts[0].copied) continue;
    ASSERT_TRUE(b.resolve("f", Resolution::keep_local));
    EXPECT_TRUE(b.must_sync().conflicts.empty()) << n << ": it was resolved";
    a.must_sync();
    EXPECT_EQ(a.read("f"), "2 by b") << n;
  }
}

TEST_F(UnfinishedApplyTest, ARestoreAfterAKillIsNotTakenForWhatIsStillToBeBrought) {
  Machine a(store, 1);
  Machine b(store, 1);
  a.write("f", "1");
  a.write("z", "1");
  const VersionId first = *a.must_sync().published;
  b.must_sync(SyncMode::pull);
  a.write("f", "2");
  a.write("z", "2");
  a.must_sync();
  for (unsigned n = 0; b.read("f") != "2"; ++n)
    ASSERT_TRUE(dies_in_pull(b, n, true));
  ASSERT_EQ(b.read("z"), "1");
  Index version = *load_index(b.context(), first, (*b.state->base())->index_sha256, {});
  RestoreRequest request;
  request.paths = {"f"};
  ASSERT_TRUE(restore_workspace(b.context(), version, request, **b.state->link(), {}));
  EXPECT_EQ(b.read("f"), "1");
  EXPECT_TRUE(b.must_sync().published);
  EXPECT_EQ(b.read("f"), "1");
  EXPECT_EQ(b.read("z"), "2");
}

}  // namespace
}  // namespace mikura

// The base: it advances path by path, so that one's own version is never taken for somebody else's
// and what waits is never taken for an edit. No conflict without two edits.
#include "sync/base.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "store/faulty_store.h"
#include "sync/snapshot.h"
#include "sync/sync_test_fixture.h"

namespace mikura {
namespace {

Entry file_entry(const std::string& path, std::uint64_t size) {
  Entry entry;
  entry.path = path;
  entry.size_bytes = size;
  return entry;
}

TEST(Base, ExceptionsTakeThePlaceOfEntriesAddThemAndRemoveThem) {
  Index version;
  version.root_mtime_ns = 1;
  version.entries = {file_entry("b", 1), file_entry("d", 1), file_entry("e", 1)};
  Entry root;
  root.mtime_ns = 7;
  const std::vector<BaseException> exceptions = {{"", root, {}},
                                                 {"a", file_entry("a", 2), {}},
                                                 {"b", std::nullopt, {}},
                                                 {"d", file_entry("d", 2), {}},
                                                 {"f", file_entry("f", 2), {}}};
  const Index base = with_exceptions(version, exceptions);
  EXPECT_EQ(base.root_mtime_ns, 7);
  EXPECT_EQ(base.entries, (std::vector{file_entry("a", 2), file_entry("d", 2), file_entry("e", 1),
                                       file_entry("f", 2)}));
}

using BaseTest = SyncTest;

// One machine, whatever fails and whenever it is edited: never a conflict, never a lost edit.
TEST_F(BaseTest, OneMachineNeverHasAConflictWhereverAPublishIsCutOff) {
  for (const FaultMoment moment : {FaultMoment::before, FaultMoment::after}) {
    for (std::uint64_t n = 1; n < 60; ++n) {
      auto storage = std::make_shared<MemoryStorage>();
      FaultyStore faulty(std::make_unique<MemoryStore>(storage));
      TempFolder creating;
      ASSERT_TRUE(Vault::create(faulty, {}, test_key(),
                                {system_clock(), system_random(), creating.path(), {}}, {}));
      Machine machine(faulty, 1);
      machine.write("f", "1");
      machine.must_sync();
      machine.write("f", "2");
      machine.write("new", "1");
      faulty.crash_at(faulty.operations() + n, moment);
      const bool done = bool(machine.sync());
      // Edited before the next run, which must find out whether the last one got through.
      machine.write("f", "3");
      machine.write("new", "2");
      faulty.heal();
      machine.reopen();
      const SyncReport report = machine.must_sync();
      EXPECT_TRUE(report.conflicts.empty()) << n;
      EXPECT_TRUE(machine.conflict_copies().empty()) << n;
      Machine other(faulty, 1);
      other.must_sync(SyncMode::pull);
      EXPECT_EQ(other.everything(), machine.everything()) << n;
      EXPECT_EQ(other.read("f"), "3") << n;
      if (done) break;
    }
  }
}

TEST_F(BaseTest, APublishThatSomebodyElseBuiltOnIsNoticedToo) {
  auto storage = std::make_shared<MemoryStorage>();
  MemoryStore direct(storage);
  FaultyStore faulty(std::make_unique<MemoryStore>(storage));
  TempFolder creating;
  ASSERT_TRUE(Vault::create(direct, {}, test_key(),
                            {system_clock(), system_random(), creating.path(), {}}, {}));
  Machine a(faulty, 1);
  Machine b(direct, 1);
  a.write("f", "1");
  a.must_sync();
  // The last operation of a publish is the swap of HEAD: done, but the answer is lost.
  for (std::uint64_t n = 1;; ++n) {
    ASSERT_LT(n, 60U);
    a.write("f", "2, attempt " + std::to_string(n));
    faulty.crash_at(faulty.operations() + n, FaultMoment::after);
    const std::uint64_t before = b.must_sync(SyncMode::pull).generation;
    ASSERT_FALSE(a.sync());
    faulty.heal();
    a.reopen();
    if (b.must_sync(SyncMode::pull).generation != before) break;
  }
  EXPECT_EQ(b.read("f"), a.read("f"));
  b.write("f", "3 by b");
  b.write("g", "1 by b");
  b.must_sync();
  a.write("h", "1 by a");
  const SyncReport report = a.must_sync();
  EXPECT_TRUE(report.conflicts.empty()) << "b built on a's own 2";
  EXPECT_EQ(a.read("f"), "3 by b");
  EXPECT_EQ(a.read("g"), "1 by b");
  EXPECT_TRUE(a.state->announced_publishes()->empty());
}

TEST_F(BaseTest, AfterAPushWhatWasPulledLaterCanBeEditedWithoutConflict) {
  Machine a(store);
  Machine b(store);
  a.write("mine", "1");
  a.write("theirs", "1");
  a.write("gone", "1");
  a.must_sync();
  b.must_sync(SyncMode::pull);
  a.write("theirs", "2 by a");
  a.remove("gone");
  a.write("fresh", "1 by a");
  a.must_sync();
  b.write("mine", "2 by b");
  EXPECT_TRUE(b.must_sync(SyncMode::push).published);
  // Published again and again on top of what it has not pulled.
  b.write("mine", "3 by b");
  EXPECT_TRUE(b.must_sync(SyncMode::push).published);
  EXPECT_EQ(b.read("theirs"), "1");
  const SyncReport pulled = b.must_sync(SyncMode::pull);
  EXPECT_TRUE(pulled.conflicts.empty()) << "its own pushes are not somebody else's edits";
  EXPECT_EQ(b.read("mine"), "3 by b");
  EXPECT_EQ(b.read("theirs"), "2 by a");
  EXPECT_FALSE(b.exists("gone"));
  b.write("mine", "4 by b");
  b.write("theirs", "3 by b");
  EXPECT_TRUE(b.must_sync().conflicts.empty());
  a.must_sync();
  EXPECT_EQ(a.everything(), b.everything());
}

TEST_F(BaseTest, APushDoesNotHideAConflictFromTheNextPull) {
  Machine a(store);
  Machine b(store);
  a.write("f", "1");
  a.must_sync();
  b.must_sync(SyncMode::pull);
  const VersionId common = *b.must_sync().version;
  a.write("f", "2 by a");
  a.must_sync();
  b.write("f", "2 by b");
  b.write("g", "1 by b");
  EXPECT_TRUE(b.must_sync(SyncMode::push).published);
  const SyncReport pulled = b.must_sync(SyncMode::pull);
  ASSERT_EQ(pulled.conflicts.size(), 1U);
  EXPECT_EQ(b.read("f"), "2 by b");
  EXPECT_EQ(b.read(pulled.conflicts[0].copy_path), "2 by a");
  EXPECT_EQ(pulled.conflicts[0].base_version, common) << "where both sides come from";
}

TEST_F(BaseTest, EditingTwiceWhileAPathCannotBeReadMakesNoConflictElsewhere) {
  Machine a(store);
  Machine b(store);
  a.write("dark", "1");
  a.write("f", "1");
  a.must_sync();
  b.must_sync(SyncMode::pull);
  a.write("dark", "2 by a");
  a.write("f", "2 by a");
  a.must_sync();
  b.remove("dark");
  ASSERT_EQ(::mkfifo((b.root / "dark").c_str(), 0600), 0);
  b.must_sync();
  EXPECT_EQ(b.read("f"), "2 by a");
  // The base has advanced here, though not over the path that could not be read.
  b.write("f", "3 by b");
  EXPECT_TRUE(b.must_sync().conflicts.empty());
  b.remove("dark");
  b.write("dark", "1");
  EXPECT_TRUE(b.must_sync().conflicts.empty());
  EXPECT_EQ(b.read("dark"), "2 by a");
}

TEST_F(BaseTest, AConflictSaysWhoWroteTheOtherSideAndWhatBothComeFrom) {
  Machine a(store, 4, "laptop-A");
  Machine b(store, 4, "laptop-B");
  a.write("f", "1");
  const VersionId common = *a.must_sync().published;
  b.must_sync(SyncMode::pull);
  a.write("f", "2 by a");
  a.write("added", "1 by a");
  const std::int64_t before_ms = system_clock().unix_ms();
  const VersionId theirs = *a.must_sync().published;
  b.write("f", "2 by b");
  b.write("added", "1 by b");
  auto conflicts = b.must_sync().conflicts;
  ASSERT_EQ(conflicts.size(), 2U);
  EXPECT_EQ(conflicts[0].base_version, std::nullopt) << "added on both sides";
  EXPECT_EQ(conflicts[1].path, "f");
  EXPECT_EQ(conflicts[1].base_version, common);
  EXPECT_EQ(conflicts[1].remote_version, theirs);
  EXPECT_EQ(conflicts[1].remote_device, "laptop-A");
  EXPECT_GE(conflicts[1].remote_created_ms, before_ms);
  // The repository moves on: what the local content comes from stays the same.
  a.write("f", "3 by a");
  const VersionId newer = *a.must_sync().published;
  conflicts = b.must_sync().conflicts;
  ASSERT_EQ(conflicts.size(), 2U);
  EXPECT_EQ(conflicts[1].base_version, common);
  EXPECT_EQ(conflicts[1].remote_version, newer);
}

}  // namespace
}  // namespace mikura

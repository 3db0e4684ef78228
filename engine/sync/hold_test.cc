// What an editor holds unsaved text of is left alone on disk, and nothing is lost or comes back
// for it.
#include <gtest/gtest.h>

#include "sync/snapshot.h"
#include "sync/sync_test_fixture.h"

namespace mikura {
namespace {

class HoldTest : public SyncTest {
 protected:
  HoldTest() : a(store), b(store) {
    a.write("f", "1");
    a.write("g", "1");
    a.write("folder/h", "1");
    a.must_sync();
    b.must_sync(SyncMode::pull);
  }

  SyncReport sync_holding(Machine& machine, std::vector<std::string> hold,
                          SyncMode mode = SyncMode::sync) {
    SyncRequest request;
    request.hold = std::move(hold);
    auto report = machine.sync(mode, request);
    EXPECT_TRUE(report) << report.error().message();
    return report ? *std::move(report) : SyncReport{};
  }

  Machine a;
  Machine b;
};

TEST_F(HoldTest, AHeldFileStaysAndEverythingElseComes) {
  a.write("f", "2 by a");
  a.write("g", "2 by a");
  a.must_sync();
  const SyncReport report = sync_holding(b, {"f"});
  EXPECT_EQ(b.read("f"), "1");
  EXPECT_EQ(b.read("g"), "2 by a");
  EXPECT_EQ(report.held, std::vector<std::string>{"f"});
  EXPECT_TRUE(report.conflicts.empty());
  EXPECT_FALSE(report.published);
  EXPECT_EQ(sync_holding(b, {"f"}).held, std::vector<std::string>{"f"}) << "as long as it is held";
  EXPECT_TRUE(b.must_sync().held.empty());
  EXPECT_EQ(b.read("f"), "2 by a");
}

TEST_F(HoldTest, WhatWasEditedBesideAHeldFileIsPublishedWithoutUndoingWhatWaits) {
  a.write("f", "2 by a");
  a.must_sync();
  b.write("g", "2 by b");
  EXPECT_TRUE(sync_holding(b, {"f"}).published);
  a.must_sync();
  EXPECT_EQ(a.read("f"), "2 by a");
  EXPECT_EQ(a.read("g"), "2 by b");
  b.must_sync();
  EXPECT_EQ(a.everything(), b.everything());
}

TEST_F(HoldTest, SavingTheHeldFileIsAConflictWithWhatWaitedOnlyIfItWasChangedThere) {
  a.write("f", "2 by a");
  a.must_sync();
  sync_holding(b, {"f", "g"});
  b.write("f", "saved in b");
  b.write("g", "saved in b");
  const SyncReport report = b.must_sync();
  ASSERT_EQ(report.conflicts.size(), 1U);
  EXPECT_EQ(report.conflicts[0].path, "f");
  EXPECT_EQ(b.read("f"), "saved in b");
  EXPECT_EQ(b.read(report.conflicts[0].copy_path), "2 by a");
  a.must_sync();
  EXPECT_EQ(a.read("g"), "saved in b");
}

TEST_F(HoldTest, AHeldFileThatWasSavedIsPublished) {
  b.write("f", "saved in b");
  const SyncReport report = sync_holding(b, {"f"});
  EXPECT_TRUE(report.published);
  EXPECT_TRUE(report.held.empty());
  a.must_sync();
  EXPECT_EQ(a.read("f"), "saved in b");
}

TEST_F(HoldTest, ADeletionWaitsForAHeldFileAndItsFolderAndDoesNotComeBack) {
  a.remove("folder");
  a.must_sync();
  sync_holding(b, {"folder/h"});
  EXPECT_EQ(b.read("folder/h"), "1");
  EXPECT_FALSE(sync_holding(b, {"folder/h"}).published) << "nothing is resurrected";
  b.must_sync();
  EXPECT_FALSE(b.exists("folder"));
  a.must_sync();
  EXPECT_FALSE(a.exists("folder"));
}

TEST_F(HoldTest, ManyRunsLaterTheWaitingChangeIsStillNoConflict) {
  for (int i = 2; i < 6; ++i) {
    a.write("f", std::to_string(i) + " by a");
    a.must_sync();
    b.write("g", std::to_string(i) + " by b");
    sync_holding(b, {"f"});
    b.reopen();
    EXPECT_EQ(b.read("f"), "1");
  }
  const SyncReport report = b.must_sync();
  EXPECT_TRUE(report.conflicts.empty());
  EXPECT_EQ(b.read("f"), "5 by a");
  a.must_sync();
  EXPECT_EQ(a.everything(), b.everything());
}

TEST_F(HoldTest, ARestoreAndADiscardLeaveHeldFilesOutAndSaySo) {
  const VersionId first = *b.must_sync().version;
  b.write("f", "2 by b");
  b.write("g", "2 by b");
  b.must_sync();
  const auto head = read_current_head(b.context(), {});
  ASSERT_TRUE(head);
  Index old;
  ASSERT_TRUE(b.vault->walk_log(head->head,
                                [&](const LogRecord& record) {
                                  if (record.version != first) return true;
                                  old = *load_index(b.context(), record.version,
                                                    record.index_sha256, {});
                                  return false;
                                },
                                {}));
  RestoreRequest request;
  request.hold = {"f"};
  const auto restored = restore_workspace(b.context(), old, request, **b.state->link(), {});
  ASSERT_TRUE(restored) << restored.error().message();
  EXPECT_EQ(restored->held, std::vector<std::string>{"f"});
  EXPECT_EQ(b.read("f"), "2 by b");
  EXPECT_EQ(b.read("g"), "1");

  b.write("f", "3 by b");
  DiscardRequest discard;
  discard.hold = {"g"};
  const auto discarded = discard_changes(b.context(), discard, **b.state->link(), {});
  ASSERT_TRUE(discarded) << discarded.error().message();
  EXPECT_EQ(discarded->held, std::vector<std::string>{"g"});
  EXPECT_EQ(b.read("f"), "2 by b");
  EXPECT_EQ(b.read("g"), "1");
  EXPECT_EQ(b.read(discarded->backup_folder + "/f"), "3 by b");
}

TEST_F(HoldTest, DiscardBringsBackTheBaseAndKeepsWhatGoesInTheBackup) {
  b.write("f", "edited");
  b.write("new", "new");
  b.remove("folder");
  DiscardRequest request;
  request.paths = {"f", "folder", "new"};
  request.dry_run = true;
  const auto preview = discard_changes(b.context(), request, **b.state->link(), {});
  ASSERT_TRUE(preview);
  EXPECT_EQ(preview->actions.size(), 4U);
  EXPECT_EQ(b.read("f"), "edited");
  request.dry_run = false;
  const auto done = discard_changes(b.context(), request, **b.state->link(), {});
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_EQ(b.everything(), a.everything());
  EXPECT_EQ(b.read(done->backup_folder + "/f"), "edited");
  EXPECT_EQ(b.read(done->backup_folder + "/new"), "new");
  request.paths = {"nowhere"};
  EXPECT_TRUE(
      discard_changes(b.context(), request, **b.state->link(), {}).failed_with(Code::not_found));
}

}  // namespace
}  // namespace mikura

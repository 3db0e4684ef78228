// Texts changed on both sides are merged, on request or by the policy; the loser of a last write is
// kept.
#include "sync/text_merging.h"

#include <gtest/gtest.h>

#include "sync/sync_test_fixture.h"

namespace mikura {
namespace {

constexpr std::string_view kBase = "one\ntwo\nthree\nfour\nfive\n";
constexpr std::string_view kByA = "ONE by a\ntwo\nthree\nfour\nfive\n";
constexpr std::string_view kByB = "one\ntwo\nthree\nfour\nFIVE by b\n";
constexpr std::string_view kMerged = "ONE by a\ntwo\nthree\nfour\nFIVE by b\n";
constexpr std::string_view kOtherByB = "ONE by b\ntwo\nthree\nfour\nfive\n";

class MergingTest : public SyncTest {
 protected:
  MergingTest() : a(store, 4, "laptop-A"), b(store) {}

  void both_edit(std::string_view by_a, std::string_view by_b, std::string_view base = kBase) {
    a.write("f", base);
    a.write("other", "1");
    a.must_sync();
    b.must_sync(SyncMode::pull);
    a.write("f", by_a);
    a.must_sync();
    b.write("f", by_b);
  }

  Result<SyncReport> sync_with(Machine& machine, Policy policy, bool dry_run = false) {
    SyncRequest request;
    request.policy = policy;
    request.dry_run = dry_run;
    return machine.sync(SyncMode::sync, request);
  }

  Result<ResolveReport> merge(Machine& machine, bool markers = false) {
    return resolve_conflict(machine.context(), **machine.state->link(),
                            {"f", Resolution::merge, markers}, {});
  }

  Machine a;
  Machine b;
};

TEST_F(MergingTest, ResolvingByMergeBringsBothChangesTogether) {
  both_edit(kByA, kByB);
  const auto conflicts = b.must_sync().conflicts;
  ASSERT_EQ(conflicts.size(), 1U);
  const auto merged = merge(b);
  ASSERT_TRUE(merged) << merged.error().message();
  EXPECT_EQ(merged->markers, 0U);
  EXPECT_EQ(b.read("f"), kMerged);
  EXPECT_FALSE(b.exists(conflicts[0].copy_path));
  EXPECT_EQ(b.read(merged->backup_folder + "/f"), kByB);
  EXPECT_TRUE(b.must_sync().conflicts.empty());
  a.must_sync();
  EXPECT_EQ(a.read("f"), kMerged);
}

TEST_F(MergingTest, AMergeWithConflictsChangesNothingUnlessMarkersAreAskedFor) {
  both_edit(kByA, kOtherByB);
  const std::string copy = b.must_sync().conflicts.at(0).copy_path;
  EXPECT_TRUE(merge(b).failed_with(Code::conflict));
  EXPECT_EQ(b.read("f"), kOtherByB);
  EXPECT_TRUE(b.exists(copy));
  const auto marked = merge(b, true);
  ASSERT_TRUE(marked) << marked.error().message();
  EXPECT_EQ(marked->markers, 1U);
  EXPECT_EQ(b.read("f"),
            "<<<<<<< local\nONE by b\n||||||| base\none\n=======\nONE by a\n>>>>>>> laptop-A\n"
            "two\nthree\nfour\nfive\n");
  EXPECT_EQ(b.read(marked->backup_folder + "/f"), kOtherByB);
  const SyncReport report = b.must_sync();
  EXPECT_EQ(report.conflicts.size(), 1U) << "it stays in conflict";
  EXPECT_FALSE(report.published) << "and markers are never published by themselves";
}

TEST_F(MergingTest, WhatIsNoTextIsNotMerged) {
  const std::string binary("a\0b\n", 4);
  both_edit(binary + "x", binary + "y", binary);
  ASSERT_EQ(b.must_sync().conflicts.size(), 1U);
  EXPECT_TRUE(merge(b).failed_with(Code::unsupported));
  EXPECT_EQ(b.read("f"), binary + "y");
}

TEST_F(MergingTest, TheMergeStartsFromTheCommonVersionAlsoWhenTheRepositoryMovedOn) {
  both_edit(kByA, kByB);
  ASSERT_EQ(b.must_sync().conflicts.size(), 1U);
  a.write("f", "ONE by a\ntwo by a\nthree\nfour\nfive\n");
  a.must_sync();
  ASSERT_EQ(b.must_sync().conflicts.size(), 1U);
  ASSERT_TRUE(merge(b));
  EXPECT_EQ(b.read("f"), "ONE by a\ntwo by a\nthree\nfour\nFIVE by b\n");
}

TEST_F(MergingTest, TheBitsAreMergedLikeALine) {
  both_edit(kByA, kByB);
  std::filesystem::permissions(a.root / "f", std::filesystem::perms(0755));
  a.must_sync();
  ASSERT_EQ(b.must_sync().conflicts.size(), 1U);
  ASSERT_TRUE(merge(b));
  EXPECT_EQ(std::filesystem::status(b.root / "f").permissions(), std::filesystem::perms(0755));
}

TEST_F(MergingTest, ThePolicyMergesTextsByItselfAndPublishesThem) {
  both_edit(kByA, kByB);
  const auto preview = sync_with(b, Policy::merge, true);
  ASSERT_TRUE(preview);
  ASSERT_EQ(preview->actions.size(), 1U);
  EXPECT_EQ(preview->actions[0].kind, SyncAction::Kind::merge);
  EXPECT_EQ(b.read("f"), kByB) << "a dry run";
  const auto report = sync_with(b, Policy::merge);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_TRUE(report->conflicts.empty());
  EXPECT_TRUE(report->published);
  EXPECT_EQ(b.read("f"), kMerged);
  EXPECT_EQ(b.read(report->backup_folder + "/f"), kByB);
  EXPECT_TRUE(b.conflict_copies().empty());
  a.must_sync();
  EXPECT_EQ(a.read("f"), kMerged);
  EXPECT_FALSE(sync_with(b, Policy::merge)->published);
}

TEST_F(MergingTest, ThePolicyKeepsBothWhereTheSameLinesWereChanged) {
  both_edit(kByA, kOtherByB);
  const auto report = sync_with(b, Policy::merge);
  ASSERT_TRUE(report);
  ASSERT_EQ(report->conflicts.size(), 1U);
  EXPECT_EQ(b.read("f"), kOtherByB);
  EXPECT_EQ(b.read(report->conflicts[0].copy_path), kByA);
}

TEST_F(MergingTest, ThePolicyMergesWhatItCanBesideWhatItCannot) {
  both_edit(kByA, kByB);
  a.write("g", "a");
  a.must_sync();
  b.write("g", "b");
  const auto report = sync_with(b, Policy::merge);
  ASSERT_TRUE(report);
  ASSERT_EQ(report->conflicts.size(), 1U);
  EXPECT_EQ(report->conflicts[0].path, "g");
  a.must_sync();
  EXPECT_EQ(a.read("f"), kMerged);
}

TEST_F(MergingTest, AHeldFileIsNotMergedUntilItIsReleased) {
  both_edit(kByA, kByB);
  SyncRequest request;
  request.policy = Policy::merge;
  request.hold = {"f"};
  const auto report = b.sync(SyncMode::sync, request);
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->conflicts.empty());
  EXPECT_EQ(report->held, std::vector<std::string>{"f"});
  EXPECT_EQ(b.read("f"), kByB);
  ASSERT_TRUE(sync_with(b, Policy::merge));
  EXPECT_EQ(b.read("f"), kMerged);
}

TEST_F(MergingTest, TheLoserOfTheLastWriteIsInTheBackupOrInTheHistory) {
  both_edit(kByA, kOtherByB);
  // b wrote later.
  auto report = sync_with(b, Policy::last_write_wins);
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->conflicts.empty());
  EXPECT_EQ(b.read("f"), kOtherByB);
  a.must_sync();
  EXPECT_EQ(a.read("f"), kOtherByB);
  const VersionId latest = *report->published;
  const auto head = read_current_head(b.context(), {});
  ASSERT_TRUE(head);
  const auto index = load_index(b.context(), latest, head->head.index_sha256, {});
  ASSERT_TRUE(index);
  const auto before = entry_in_version(b.context(), index->parents.at(0).version, "f", {});
  ASSERT_TRUE(before && *before);
  EXPECT_EQ((*before)->size_bytes, kByA.size()) << "the loser stays in the history";

  // And the other way: b's edit is older than a's.
  b.write("f", "older by b");
  const auto now = std::filesystem::last_write_time(b.root / "f");
  std::filesystem::last_write_time(b.root / "f", now - std::chrono::hours(1));
  a.write("f", "newer by a");
  a.must_sync();
  report = sync_with(b, Policy::last_write_wins);
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->conflicts.empty());
  EXPECT_EQ(b.read("f"), "newer by a");
  EXPECT_EQ(b.read(report->backup_folder + "/f"), "older by b");
}

TEST_F(MergingTest, AMergeThatWasCutOffIsDoneAgainWithTheSameResult) {
  both_edit(kByA, kByB);
  // As after a kill between placing the merged text and remembering it.
  b.write("f", kMerged);
  const auto report = sync_with(b, Policy::merge);
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->conflicts.empty());
  EXPECT_EQ(b.read("f"), kMerged);
  a.must_sync();
  EXPECT_EQ(a.everything(), b.everything());
}

}  // namespace
}  // namespace mikura

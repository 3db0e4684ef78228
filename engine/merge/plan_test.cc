// The table of docs/sync.md, each edge a test that reads as a sentence. Trees are written as
// merge/tree_text.h says.
#include "merge/plan.h"

#include <gtest/gtest.h>

#include "merge/losses.h"
#include "merge/tree_text.h"

namespace mikura {
namespace {

using Paths = std::set<std::string>;

struct Sides {
  std::string_view base;
  std::string_view local;
  std::string_view remote;
  Paths in_conflict = {};
  Paths unreadable = {};
  Policy policy = Policy::keep_both;
  Paths held = {};
};

struct Expected {
  std::string_view plan;
  std::string_view result;
  std::vector<std::string> held_back = {};
  std::vector<std::string> held = {};
};

void check(const Sides& sides, const Expected& expected) {
  const std::vector<Entry> base = parse_tree(sides.base);
  const std::vector<Entry> local = parse_tree(sides.local);
  const std::vector<Entry> remote = parse_tree(sides.remote);
  const Plan plan = make_plan(
      {base, local, remote, sides.in_conflict, sides.unreadable, sides.policy, sides.held});
  EXPECT_EQ(to_text(plan), expected.plan);
  EXPECT_EQ(to_text(plan.result), to_text(parse_tree(expected.result)));
  EXPECT_EQ(plan.held_back, expected.held_back);
  EXPECT_EQ(plan.held, expected.held);
}

// --- One file ---

TEST(Plan, NothingChangedNeedsNothing) {
  check({"a=1 d/b=2", "a=1 d/b=2", "a=1 d/b=2"}, {"", "a=1 d/b=2"});
}

TEST(Plan, EmptyTreesNeedNothing) {
  check({"", "", ""}, {"", ""});
}

TEST(Plan, ALocalEditIsPublished) {
  check({"a=1", "a=2", "a=1"}, {"replace remote a", "a=2"});
}

TEST(Plan, ARemoteEditIsBrought) {
  check({"a=1", "a=1", "a=2"}, {"replace local a", "a=2"});
}

TEST(Plan, ALocalAdditionIsPublished) {
  check({"", "a=1", ""}, {"add remote a", "a=1"});
}

TEST(Plan, ARemoteAdditionIsBrought) {
  check({"", "", "a=1"}, {"create local a", "a=1"});
}

TEST(Plan, ALocalDeletionIsPublished) {
  check({"a=1", "", "a=1"}, {"remove remote a", ""});
}

TEST(Plan, ARemoteDeletionIsBrought) {
  check({"a=1", "a=1", ""}, {"remove local a", ""});
}

TEST(Plan, TheSameEditOnBothSidesIsNoConflict) {
  check({"a=1", "a=2", "a=2"}, {"", "a=2"});
}

TEST(Plan, TheSameAdditionOnBothSidesIsNoConflict) {
  check({"", "a=1", "a=1"}, {"", "a=1"});
}

TEST(Plan, TheSameDeletionOnBothSidesNeedsNothing) {
  check({"a=1", "", ""}, {"", ""});
}

TEST(Plan, DifferentEditsAreAConflictAndLocalStays) {
  check({"a=1", "a=2", "a=3"}, {"conflict a", "a=3"});
}

TEST(Plan, DifferentAdditionsAreAConflict) {
  check({"", "a=2", "a=3"}, {"conflict a", "a=3"});
}

TEST(Plan, ALocalEditSurvivesARemoteDeletion) {
  check({"a=1", "a=2", ""}, {"add remote a", "a=2"});
}

TEST(Plan, ARemoteEditSurvivesALocalDeletion) {
  check({"a=1", "", "a=2"}, {"create local a", "a=2"});
}

TEST(Plan, ADifferentModeIsAnEdit) {
  check({"a=1", "a=1:755", "a=1"}, {"replace remote a", "a=1:755"});
  check({"a=1", "a=1", "a=1:755"}, {"replace local a", "a=1:755"});
  check({"a=1", "a=1:755", "a=1:600"}, {"conflict a", "a=1:600"});
}

TEST(Plan, AnEditAgainstANewModeIsAConflict) {
  check({"a=1", "a=2", "a=1:755"}, {"conflict a", "a=1:755"});
}

TEST(Plan, ASymlinkIsComparedByItsTarget) {
  check({"l->x", "l->y", "l->x"}, {"replace remote l", "l->y"});
  check({"l->x", "l->x", "l->y"}, {"replace local l", "l->y"});
  check({"l->x", "l->y", "l->z"}, {"conflict l", "l->z"});
  check({"", "l->y", "l->y"}, {"", "l->y"});
}

TEST(Plan, AFileThatBecomesASymlinkIsReplaced) {
  check({"a=1", "a->x", "a=1"}, {"replace remote a", "a->x"});
  check({"a=1", "a=1", "a->x"}, {"replace local a", "a->x"});
  check({"a=1", "a=2", "a->x"}, {"conflict a", "a->x"});
}

TEST(Plan, WithoutABaseOnlyDifferencesOfWhatBothHaveAreConflicts) {
  check(
      {"", "a=1 both=1 d/x=1 d/y=1", "b=2 both=1 d/x=2"},
      {"add remote a, create local b, conflict d/x, add remote d/y", "a=1 b=2 both=1 d/x=2 d/y=1"});
}

// --- Modification times ---

TEST(Plan, ATouchIsNoChange) {
  check({"a=1~1", "a=1~2", "a=1~1"}, {"", "a=1~2"});
  check({"d/~1 d/a=1", "d/~2 d/a=1", "d/~1 d/a=1"}, {"", "d/~2 d/a=1"});
}

TEST(Plan, ARemoteTouchIsBroughtForFilesAndSymlinks) {
  check({"a=1~1 l->x~1", "a=1~1 l->x~1", "a=1~2 l->x~2"},
        {"touch local a, touch local l", "a=1~2 l->x~2"});
}

TEST(Plan, ARemoteTouchOfAFolderIsOnlyRecorded) {
  check({"d/~1", "d/~1", "d/~2"}, {"", "d/~2"});
}

TEST(Plan, TouchesOnBothSidesTakeTheRemoteOneForFilesAndTheLocalOneForFolders) {
  check({"a=1~1 d/~1", "a=1~2 d/~2", "a=1~3 d/~3"}, {"", "a=1~3 d/~2"});
}

TEST(Plan, WithoutABaseTheRemoteTimeStands) {
  check({"", "a=1~1", "a=1~2"}, {"", "a=1~2"});
}

TEST(Plan, ATouchAgainstADeletionIsADeletion) {
  check({"a=1~1", "a=1~2", ""}, {"remove local a", ""});
  check({"a=1~1", "", "a=1~2"}, {"remove remote a", ""});
}

TEST(Plan, ATouchAloneIsNotPublished) {
  const auto base = parse_tree("a=1~1");
  const auto local = parse_tree("a=1~2");
  const Plan plan = make_plan({base, local, base, {}, {}});
  EXPECT_FALSE(plan.changes_remote());
  EXPECT_FALSE(plan.changes_local());
}

// --- Folders ---

TEST(Plan, AnEmptyFolderIsKeptLikeAFile) {
  check({"", "d/", ""}, {"add remote d", "d/"});
  check({"", "", "d/"}, {"create local d", "d/"});
  check({"d/", "", "d/"}, {"remove remote d", ""});
  check({"d/", "d/", ""}, {"remove local d", ""});
}

TEST(Plan, AFolderTakesItsContentAlong) {
  check({"", "d/e/a=1", ""}, {"add remote d, add remote d/e, add remote d/e/a", "d/e/a=1"});
  check({"d/e/a=1", "d/e/a=1", ""}, {"remove local d, remove local d/e, remove local d/e/a", ""});
}

TEST(Plan, FoldersNeverConflict) {
  check({"d/", "d/:700", "d/:750"}, {"replace local d", "d/:750"});
  check({"", "d/:700", "d/:750"}, {"replace local d", "d/:750"});
  check({"d/", "d/:700", "d/"}, {"replace remote d", "d/:700"});
  check({"d/", "d/", "d/:750"}, {"replace local d", "d/:750"});
}

TEST(Plan, AFolderDeletedRemotelyStaysForALocalAddition) {
  check({"d/a=1", "d/a=1 d/b=2", ""}, {"add remote d, remove local d/a, add remote d/b", "d/b=2"});
}

TEST(Plan, AFolderDeletedLocallyStaysForARemoteAddition) {
  check({"d/a=1", "", "d/a=1 d/b=2"},
        {"create local d, remove remote d/a, create local d/b", "d/b=2"});
}

TEST(Plan, AllFoldersAboveASurvivorStay) {
  check({"d/e/f/a=1 d/e/g/b=1", "d/e/f/a=2 d/e/g/b=1", ""},
        {"add remote d, add remote d/e, add remote d/e/f, add remote d/e/f/a, remove local d/e/g, "
         "remove local d/e/g/b",
         "d/e/f/a=2"});
}

TEST(Plan, AFolderIsNotKeptForItsNeighbours) {
  // "d-x" and "d.x" sort between the folder and its content, "d0" right behind it.
  check({"d/a=1 d-x=1 d.x/y=1 d0=1", "d/a=1 d-x=1 d.x/y=1 d0=1", "d-x=1 d.x/y=1 d0=1"},
        {"remove local d, remove local d/a", "d-x=1 d.x/y=1 d0=1"});
}

TEST(Plan, AFolderIsKeptThoughNeighboursSortBeforeItsContent) {
  check({"d/a=1 d-x=1", "d/a=2 d-x=1", "d-x=2"},
        {"add remote d, replace local d-x, add remote d/a", "d-x=2 d/a=2"});
}

TEST(Plan, ARenamedFolderMeetsAnEditOfOneOfItsFiles) {
  check({"old/a=1 old/b=1", "new/a=1 new/b=1", "old/a=2 old/b=1"},
        {"add remote new, add remote new/a, add remote new/b, create local old, "
         "create local old/a, remove remote old/b",
         "new/a=1 new/b=1 old/a=2"});
}

// --- File against folder ---

TEST(Plan, AFileBecomesAFolderOnOneSide) {
  check({"a=1", "a=1", "a/x=2"}, {"replace local a, create local a/x", "a/x=2"});
  check({"a=1", "a/x=2", "a=1"}, {"replace remote a, add remote a/x", "a/x=2"});
  check({"a->t", "a->t", "a/x=2"}, {"replace local a, create local a/x", "a/x=2"});
}

TEST(Plan, AFolderBecomesAFileOnOneSide) {
  check({"a/x=1 a/y/z=1", "a/x=1 a/y/z=1", "a=2"},
        {"replace local a, remove local a/x, remove local a/y, remove local a/y/z", "a=2"});
  check({"a/x=1", "a=2", "a/x=1"}, {"replace remote a, remove remote a/x", "a=2"});
  check({"a/x=1", "a->t", "a/x=1"}, {"replace remote a, remove remote a/x", "a->t"});
}

TEST(Plan, AFileAgainstANewFolderIsOneConflictForAllOfIt) {
  check({"", "a=1", "a/x=2 a/y=3"}, {"conflict a", "a/x=2 a/y=3"});
  check({"", "a/x=2 a/y=3", "a=1"}, {"conflict a", "a=1"});
  check({"a=0", "a=1", "a/x=2"}, {"conflict a", "a/x=2"});
  check({"a=0", "a/x=2", "a=1"}, {"conflict a", "a=1"});
}

TEST(Plan, ANewFileMeetsEditsBeneathTheFolderItReplaces) {
  check({"a/x=1 a/y=1", "a=1", "a/x=2 a/y=1"}, {"conflict a", "a/x=2 a/y=1"});
  check({"a/x=1 a/y=1", "a/x=2 a/y=1", "a=1"}, {"conflict a", "a=1"});
  check({"a/x=1", "a/x=1 a/d/z=1", "a=1"}, {"conflict a", "a=1"});
}

TEST(Plan, ANewFileMeetsOnlyDeletionsBeneathTheFolderItReplaces) {
  check({"a/x=1 a/y=1", "a/x=1", "a=1"}, {"replace local a, remove local a/x", "a=1"});
  check({"a/x=1 a/y=1", "a=1", "a/x=1"}, {"replace remote a, remove remote a/x", "a=1"});
}

TEST(Plan, AFolderDeletedOnOneSideAndAFileOnTheOtherIsTheFile) {
  check({"a/x=1", "", "a=1"}, {"create local a", "a=1"});
  check({"a/x=1", "a=1", ""}, {"add remote a", "a=1"});
  check({"a=1", "", "a/x=1"}, {"create local a, create local a/x", "a/x=1"});
  check({"a=1", "a/x=1", ""}, {"add remote a, add remote a/x", "a/x=1"});
}

TEST(Plan, TheSameFolderInsteadOfAFileOnBothSidesIsMerged) {
  check({"a=1", "a/x=1 a/y=1", "a/x=1 a/z=1"},
        {"add remote a/y, create local a/z", "a/x=1 a/y=1 a/z=1"});
}

TEST(Plan, AConflictKeepsTheFoldersAboveIt) {
  check({"d/a=1 d/b=1", "d/a=2 d/b=1", "d/a=3 d/b=1"}, {"conflict d/a", "d/a=3 d/b=1"});
  check({"", "d/a=2", "d/a/x=3"}, {"conflict d/a", "d/a/x=3"});
}

// --- Unresolved conflicts ---

TEST(Plan, APathInConflictIsLeftAlone) {
  check({"a=3", "a=2", "a=3", {"a"}}, {"", "a=3"});
  check({"a=3", "a=4", "a=3", {"a"}}, {"", "a=3"});
  check({"a=3", "", "a=3", {"a"}}, {"", "a=3"});
}

TEST(Plan, APathInConflictIsShownAgainWhenTheRepositoryMovesOn) {
  check({"a=3", "a=2", "a=5", {"a"}}, {"conflict a", "a=5"});
  check({"a=3", "", "a=5", {"a"}}, {"conflict a", "a=5"});
}

TEST(Plan, APathInConflictThatTheRepositoryDeletesStaysLocally) {
  check({"d/a=3", "d/a=2", "", {"d/a"}}, {"add remote d", "d/"});
}

TEST(Plan, APathInConflictOnWhichBothSidesAgreeNeedsNothing) {
  check({"a=3", "a=5", "a=5", {"a"}}, {"", "a=5"});
}

TEST(Plan, AConflictCoversWhatLiesBeneath) {
  check({"a=3", "a/x=2 a/y=2", "a=3", {"a"}}, {"", "a=3"});
  check({"a/x=3", "a=2", "a/x=3", {"a"}}, {"", "a/x=3"});
  check({"a/x=3", "a=2", "a/x=4 a/y=1", {"a"}}, {"conflict a", "a/x=4 a/y=1"});
  check({"a/x=3", "a=2", "a/x=3 b=1", {"a"}}, {"create local b", "a/x=3 b=1"});
}

TEST(Plan, AConflictWithinAConflictIsPartOfIt) {
  check({"a/x=3", "a/x=2", "a/x=4", {"a", "a/x"}}, {"conflict a", "a/x=4"});
}

TEST(Plan, AConflictThatCannotBeReadIsNotShownAgain) {
  check({"d/a=3", "d/", "d/a=5", {"d/a"}, {"d/a"}}, {"", "d/a=5", {"d/a"}});
}

TEST(Plan, TheNeighboursOfAConflictAreSynced) {
  check({"a=3 a-b=1 a.b=1", "a=2 a-b=2 a.b=1", "a=3 a-b=1 a.b=2", {"a"}},
        {"replace remote a-b, replace local a.b", "a=3 a-b=2 a.b=2"});
}

TEST(Plan, AFolderDeletedRemotelyStaysForAConflictWithinIt) {
  check({"d/a=3 d/b=1", "d/a=2 d/b=1", "", {"d/a"}}, {"add remote d, remove local d/b", "d/"});
}

TEST(Plan, AConflictEndsWithItsFolder) {
  check({"d/a=3", "", "d/a=3", {"d/a"}}, {"remove remote d, remove remote d/a", ""});
  check({"d/a=3", "", "d/a=4", {"d/a"}}, {"create local d, create local d/a", "d/a=4"});
  check({"d/a=3", "d=1", "d/a=3", {"d/a"}}, {"replace remote d, remove remote d/a", "d=1"});
}

TEST(Plan, AFileMayNotReplaceAFolderThatHoldsAConflict) {
  check({"d/a=3", "d/a=2", "d=1", {"d/a"}}, {"conflict d", "d=1"});
  check({"d/a=3", "d/a=3", "d=1", {"d/a"}}, {"conflict d", "d=1"});
}

// --- What cannot be read ---

TEST(Plan, WhatCannotBeReadIsNotDeleted) {
  check({"a=1 b=1", "b=1", "a=1 b=1", {}, {"a"}}, {"", "a=1 b=1"});
  check({"d/a=1", "", "d/a=1", {}, {"d"}}, {"", "d/a=1"});
  check({"d/a=1", "d/", "d/a=1", {}, {"d"}}, {"", "d/a=1"});
}

TEST(Plan, WhatCannotBeReadIsNotTouchedAndHoldsTheBaseBack) {
  check({"a=1", "", "a=2", {}, {"a"}}, {"", "a=2", {"a"}});
  check({"a=1", "a=1", "", {}, {"a"}}, {"", "", {"a"}});
  check({"", "", "d/a=2", {}, {"d"}}, {"", "d/a=2", {"d"}});
  check({"d/a=1", "d/", "d/a=2 d/b=1", {}, {"d"}}, {"", "d/a=2 d/b=1", {"d"}});
}

TEST(Plan, WhatCannotBeReadOfNothingKnownNeedsNothing) {
  check({"a=1", "a=1", "a=1", {}, {"b"}}, {"", "a=1"});
}

TEST(Plan, AnUnreadableRootMeansThatNothingIsDone) {
  check({"a=1 d/b=1", "", "a=2", {}, {""}}, {"", "a=2", {""}});
}

TEST(Plan, AFolderStaysForWhatCannotBeReadWithinIt) {
  check({"d/a=1 d/b=1", "d/b=1", "", {}, {"d/a"}},
        {"add remote d, remove local d/b", "d/", {"d/a"}});
  check({"d/b=1", "d/b=1", "", {}, {"d/new"}}, {"add remote d, remove local d/b", "d/"});
}

TEST(Plan, AFileMayNotReplaceAFolderThatCannotAllBeRead) {
  check({"d/a=1 d/b=1", "d/b=1", "d=1", {}, {"d/a"}}, {"conflict d", "d=1", {"d/a"}});
  check({"d/b=1", "d/b=1", "d=1", {}, {"d/new/x"}}, {"conflict d", "d=1"});
}

TEST(Plan, AnUnreadableNeighbourProtectsNobody) {
  check({"d/b=1", "d/b=1", "", {}, {"d-x", "d0"}}, {"remove local d, remove local d/b", ""});
}

// --- Last write wins ---

// --- What an editor holds unsaved text of ---

void check_held(std::string_view base, std::string_view local, std::string_view remote,
                const Paths& held, const Expected& expected) {
  check({base, local, remote, {}, {}, Policy::keep_both, held}, expected);
}

TEST(Plan, ARemoteEditOfAHeldFileWaits) {
  check_held("a=1 b=1", "a=1 b=1", "a=2 b=2", {"a"}, {"replace local b", "a=2 b=2", {}, {"a"}});
}

TEST(Plan, ARemoteDeletionOfAHeldFileWaitsAndSoDoItsFolders) {
  check_held("d/e/a=1 d/f=1", "d/e/a=1 d/f=1", "", {"d/e/a"},
             {"remove local d/f", "", {}, {"d/e/a"}});
}

TEST(Plan, ARemoteAdditionAtAHeldPathWaits) {
  check_held("", "", "a=1", {"a"}, {"", "a=1", {}, {"a"}});
}

TEST(Plan, AHeldFileThatWasEditedOnDiskIsPublishedAllTheSame) {
  check_held("a=1", "a=2", "a=1", {"a"}, {"replace remote a", "a=2"});
}

TEST(Plan, AHeldFileChangedOnBothSidesIsAConflictThatTouchesNothing) {
  check_held("a=1", "a=2", "a=3", {"a"}, {"conflict a", "a=3"});
}

TEST(Plan, AFileDoesNotReplaceTheFolderOfAHeldOne) {
  check_held("d/a=1 d/b=1", "d/a=1 d/b=1", "d=2", {"d/a"},
             {"remove local d/b", "d=2", {}, {"d/a"}});
}

TEST(Plan, AFolderDoesNotReplaceAHeldFile) {
  check_held("a=1", "a=1", "a/x=1", {"a"}, {"", "a/x=1", {}, {"a"}});
}

TEST(Plan, TheLastWriteDoesNotReplaceAHeldFile) {
  check({"a=1", "a=2@1", "a=3@2", {}, {}, Policy::last_write_wins, {"a"}},
        {"", "a=3@2", {}, {"a"}});
}

TEST(Plan, HoldingWhatNobodyChangedNeedsNothing) {
  check_held("a=1", "a=1", "a=1", {"a", "not there"}, {"", "a=1"});
}

TEST(Plan, TheBaseStaysWhereAChangeWasKeptAway) {
  const std::vector<Entry> base = parse_tree("a=1 b=1 c=1 gone=1");
  const std::vector<Entry> remote = parse_tree("a=2 b=2 c=1 new=1");
  const Plan plan = make_plan({base, base, remote, {}, {}, Policy::keep_both, {"a", "new"}});
  ASSERT_EQ(plan.keeps_base.size(), 2U);
  EXPECT_EQ(plan.keeps_base[0].path, "a");
  EXPECT_EQ(plan.keeps_base[0].base, &base[0]);
  EXPECT_EQ(plan.keeps_base[1].path, "new");
  EXPECT_EQ(plan.keeps_base[1].base, nullptr);
  // A push would leave the rest as well.
  ASSERT_EQ(plan.unapplied.size(), 2U);
  EXPECT_EQ(plan.unapplied[0].path, "b");
  EXPECT_EQ(plan.unapplied[1].path, "gone");
}

TEST(Plan, TheLastWriteWins) {
  const Policy lww = Policy::last_write_wins;
  check({"a=1", "a=2~5", "a=3~4", {}, {}, lww}, {"replace remote a", "a=2~5"});
  check({"a=1", "a=2~4", "a=3~5", {}, {}, lww}, {"replace local a", "a=3~5"});
  check({"", "a=2~4", "a->x~5", {}, {}, lww}, {"replace local a", "a->x~5"});
}

TEST(Plan, EqualTimesAreSettledByContentTheSameWayOnBothSides) {
  const Policy lww = Policy::last_write_wins;
  check({"a=1", "a=2", "a=3", {}, {}, lww}, {"replace local a", "a=3"});
  check({"a=1", "a=3", "a=2", {}, {}, lww}, {"replace remote a", "a=3"});
  check({"l->x", "l->y", "l->z", {}, {}, lww}, {"replace local l", "l->z"});
  check({"a=1", "a=1:755", "a=1:600", {}, {}, lww}, {"replace remote a", "a=1:755"});
}

TEST(Plan, TheLastWriteDoesNotWinOverDeletionsFoldersOrOpenConflicts) {
  const Policy lww = Policy::last_write_wins;
  check({"a=1", "a=2~1", "", {}, {}, lww}, {"add remote a", "a=2~1"});
  check({"", "a=1~9", "a/x=2~1", {}, {}, lww}, {"conflict a", "a/x=2~1"});
  check({"a=3", "a=2~9", "a=5~1", {"a"}, {}, lww}, {"conflict a", "a=5~1"});
}

// --- Items, counts, guards ---

TEST(Plan, ItemsPointToTheSidesAsThePlanSawThem) {
  const auto base = parse_tree("a=1");
  const auto local = parse_tree("a=2 b=1");
  const auto remote = parse_tree("a=3");
  const Plan plan = make_plan({base, local, remote, {}, {}});
  ASSERT_EQ(plan.items.size(), 2U);
  EXPECT_EQ(plan.items[0].base, &base[0]);
  EXPECT_EQ(plan.items[0].local, &local[0]);
  EXPECT_EQ(plan.items[0].remote, &remote[0]);
  EXPECT_EQ(plan.items[1].base, nullptr);
  EXPECT_EQ(plan.items[1].local, &local[1]);
  EXPECT_EQ(plan.items[1].remote, nullptr);
}

TEST(Plan, CountsSayWhatTheItemsAre) {
  const auto base = parse_tree("e=1 f=1 g=1 h=1 i=1 t=1");
  const auto local = parse_tree("a=1 c=1 e=2 f=1 h=1 i=2 t=1");
  const auto remote = parse_tree("b=1 c=1 e=1 f=2 g=1 i=3 t=1~1");
  const Plan plan = make_plan({base, local, remote, {}, {}});
  EXPECT_EQ(to_text(plan),
            "add remote a, create local b, replace remote e, replace local f, remove remote g, "
            "remove local h, conflict i, touch local t");
  const PlanCounts& n = plan.counts;
  EXPECT_EQ(n.local_creates, 1U);
  EXPECT_EQ(n.local_replaces, 1U);
  EXPECT_EQ(n.local_removes, 1U);
  EXPECT_EQ(n.local_metadata, 1U);
  EXPECT_EQ(n.remote_adds, 1U);
  EXPECT_EQ(n.remote_replaces, 1U);
  EXPECT_EQ(n.remote_removes, 1U);
  EXPECT_EQ(n.conflicts, 1U);
  EXPECT_TRUE(plan.changes_local());
  EXPECT_TRUE(plan.changes_remote());
}

TEST(PlanDeathTest, TreesOutOfOrderAreOurBug) {
  std::vector<Entry> sorted = parse_tree("a=1 b=1");
  std::vector<Entry> unsorted{sorted[1], sorted[0]};
  const std::vector<Entry> twice{sorted[0], sorted[0]};
  EXPECT_DEATH((void)make_plan({sorted, unsorted, sorted, {}, {}}), "");
  EXPECT_DEATH((void)make_plan({twice, {}, {}, {}, {}}), "");
}

std::vector<Entry> numbered_files(int count, std::string_view content) {
  std::vector<Entry> entries{directory_entry("d")};
  for (int i = 0; i < count; ++i) {
    entries.push_back(file_entry("d/" + std::to_string(1000 + i), content));
  }
  return entries;
}

// As the sync asks, on either side.
bool is_mass_change_local(const Plan& plan, const std::vector<Entry>& local) {
  return is_mass_change(local_losses(plan).total(), local);
}
bool is_mass_change_remote(const Plan& plan, const std::vector<Entry>& remote) {
  return is_mass_change(remote_losses(plan).total(), remote);
}

// The first `changed` of `all` files are deleted or replaced on one side.
bool is_mass_change(int all, int changed, bool replaced, bool locally) {
  const auto base = numbered_files(all, "1");
  auto other = base;
  const auto files = other.begin() + 1;
  if (replaced) {
    for (auto file = files; file != files + changed; ++file)
      file->sha256.mutable_bytes()[0] = std::byte{'2'};
  } else {
    other.erase(files, files + changed);
  }
  const Plan plan =
      locally ? make_plan({base, base, other, {}, {}}) : make_plan({base, other, base, {}, {}});
  const bool there = is_mass_change_local(plan, locally ? base : other);
  const bool here = is_mass_change_remote(plan, locally ? other : base);
  EXPECT_FALSE(locally ? here : there);
  return locally ? there : here;
}

TEST(Guard, StopsWhenMoreThanHalfAndMoreThanTwentyFilesWouldGo) {
  for (const bool replaced : {false, true}) {
    for (const bool locally : {false, true}) {
      EXPECT_TRUE(is_mass_change(40, 21, replaced, locally));
      EXPECT_FALSE(is_mass_change(42, 21, replaced, locally)) << "exactly half";
      EXPECT_TRUE(is_mass_change(21, 21, replaced, locally));
      EXPECT_FALSE(is_mass_change(20, 20, replaced, locally)) << "no more than twenty";
    }
  }
}

TEST(Guard, LetsAdditionsPass) {
  const auto many = numbered_files(100, "1");
  const std::vector<Entry> none;
  const Plan down = make_plan({none, none, many, {}, {}});
  const Plan up = make_plan({none, many, none, {}, {}});
  EXPECT_FALSE(is_mass_change_local(down, none));
  EXPECT_FALSE(is_mass_change_remote(up, none));
}

TEST(Guard, ARenameIsNoLossOnEitherSide) {
  std::vector<Entry> before{directory_entry("d")};
  std::vector<Entry> after{directory_entry("e")};
  for (int i = 1000; i < 1040; ++i) {
    before.push_back(file_entry("d/" + std::to_string(i), std::to_string(i)));
    after.push_back(file_entry("e/" + std::to_string(i), std::to_string(i)));
  }
  const Plan down = make_plan({before, before, after, {}, {}});
  const Plan up = make_plan({before, after, before, {}, {}});
  EXPECT_EQ(local_losses(down), FileLosses());
  EXPECT_EQ(remote_losses(up), FileLosses());
  EXPECT_FALSE(is_mass_change_local(down, before));
  EXPECT_FALSE(is_mass_change_remote(up, before));
  // Renamed, and every second one gone.
  for (std::size_t i = after.size() - 1; i > 0; i -= 2)
    after.erase(after.begin() + static_cast<std::ptrdiff_t>(i));
  EXPECT_EQ(local_losses(make_plan({before, before, after, {}, {}})), (FileLosses{20, 0}));
}

TEST(Guard, OneCopyThatStaysDoesNotStandForMany) {
  const auto before = numbered_files(40, "same");
  const std::vector<Entry> after{directory_entry("d"), file_entry("d/new", "same")};
  EXPECT_EQ(local_losses(make_plan({before, before, after, {}, {}})), (FileLosses{39, 0}));
}

TEST(Guard, AnExchangeAndANewModeLoseNothing) {
  std::vector<Entry> before{file_entry("a", "1"), file_entry("b", "2"), file_entry("c", "3")};
  std::vector<Entry> after{file_entry("a", "2"), file_entry("b", "1"), file_entry("c", "3")};
  after[2].mode = 0755;
  EXPECT_EQ(local_losses(make_plan({before, before, after, {}, {}})), FileLosses());
  after[2].sha256 = file_entry("", "4").sha256;
  EXPECT_EQ(local_losses(make_plan({before, before, after, {}, {}})), (FileLosses{0, 1}));
}

TEST(Guard, DoesNotCountFolders) {
  std::vector<Entry> folders;
  for (int i = 100; i < 200; ++i)
    folders.push_back(directory_entry(std::to_string(i)));
  const std::vector<Entry> none;
  EXPECT_FALSE(is_mass_change_local(make_plan({folders, folders, none, {}, {}}), folders));
}

}  // namespace
}  // namespace mikura

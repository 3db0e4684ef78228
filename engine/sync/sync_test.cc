#include "sync/sync.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sync/snapshot.h"
#include "sync/sync_test_fixture.h"

namespace mikura {
namespace {

TEST_F(SyncTest, WhatOneMachinePushesAnotherPullsIdentically) {
  Machine a(store);
  a.write("read me.txt", "hello");
  a.write("src/main.cc", "int main() {}");
  a.write("empty file", "");
  a.write("日本語/絵文字 😀.txt", "御蔵");
  a.write("new\nline", "odd");
  std::filesystem::create_directories(a.root / "empty folder/inner");
  std::filesystem::create_symlink("src/main.cc", a.root / "link");
  std::filesystem::permissions(a.root / "src/main.cc", std::filesystem::perms(0750));
  ASSERT_TRUE(a.must_sync().published);

  Machine b(store);
  b.must_sync(SyncMode::pull);
  EXPECT_EQ(a.everything(), b.everything());
  EXPECT_EQ(std::filesystem::status(b.root / "src/main.cc").permissions(),
            std::filesystem::perms(0750));
  for (const char* path : {"read me.txt", "src", "src/main.cc", "empty folder", "日本語"}) {
    EXPECT_EQ(std::filesystem::last_write_time(a.root / path),
              std::filesystem::last_write_time(b.root / path))
        << path;
  }
}

TEST_F(SyncTest, ASecondSyncDoesNothingOnEitherSide) {
  Machine a(store);
  a.write("a/b/c.txt", "1");
  a.must_sync();
  Machine b(store);
  b.must_sync(SyncMode::pull);
  for (Machine* machine : {&a, &b}) {
    const SyncReport report = machine->must_sync();
    EXPECT_FALSE(report.published);
    EXPECT_TRUE(report.actions.empty());
    EXPECT_EQ(report.generation, 1U);
  }
}

TEST_F(SyncTest, EditsOfDifferentFilesBothArriveEverywhere) {
  Machine a(store);
  a.write("one", "1");
  a.write("two", "2");
  a.must_sync();
  Machine b(store);
  b.must_sync(SyncMode::pull);
  a.write("one", "1 by a");
  a.write("new by a", "x");
  b.write("two", "2 by b");
  a.must_sync();
  b.must_sync();
  a.must_sync();
  EXPECT_EQ(a.everything(), b.everything());
  EXPECT_EQ(a.read("two"), "2 by b");
  EXPECT_EQ(b.read("one"), "1 by a");
  EXPECT_TRUE(a.conflict_copies().empty());
}

TEST_F(SyncTest, TheSameFileEditedOnBothSidesKeepsBothContents) {
  Machine a(store);
  a.write("doc/report.txt", "base");
  a.must_sync();
  Machine b(store);
  b.must_sync(SyncMode::pull);
  a.write("doc/report.txt", "by a");
  b.write("doc/report.txt", "by b, longer");
  a.must_sync();
  const SyncReport report = b.must_sync();
  ASSERT_EQ(report.conflicts.size(), 1U);
  EXPECT_EQ(b.read("doc/report.txt"), "by b, longer");
  const auto copies = b.conflict_copies();
  ASSERT_EQ(copies.size(), 1U);
  EXPECT_EQ(b.read(copies[0]), "by a");
  EXPECT_TRUE(std::filesystem::path(copies[0]).filename().string().ends_with(".report.txt"))
      << copies[0];

  // Not pushed while unresolved, and no second copy.
  const SyncReport again = b.must_sync();
  EXPECT_FALSE(again.published);
  EXPECT_EQ(b.conflict_copies().size(), 1U);
  a.must_sync();
  EXPECT_EQ(a.read("doc/report.txt"), "by a");
}

TEST_F(SyncTest, ResolvingWithKeepLocalPublishesIt) {
  Machine a(store);
  a.write("f", "base");
  a.must_sync();
  Machine b(store);
  b.must_sync(SyncMode::pull);
  a.write("f", "by a");
  b.write("f", "by b");
  a.must_sync();
  b.must_sync();
  ASSERT_TRUE(b.resolve("f", Resolution::keep_local));
  EXPECT_TRUE(b.conflict_copies().empty());
  EXPECT_TRUE(b.must_sync().published);
  a.must_sync();
  EXPECT_EQ(a.read("f"), "by b");
}

TEST_F(SyncTest, ResolvingWithTakeRemotePutsTheLocalFileIntoTheBackup) {
  Machine a(store);
  a.write("f", "base");
  a.must_sync();
  Machine b(store);
  b.must_sync(SyncMode::pull);
  a.write("f", "by a");
  b.write("f", "by b");
  a.must_sync();
  b.must_sync();
  const auto resolved = b.resolve("f", Resolution::take_remote);
  ASSERT_TRUE(resolved) << resolved.error().message();
  EXPECT_EQ(b.read("f"), "by a");
  EXPECT_EQ(read_text(b.root / resolved->backup_folder + "/f"), "by b");
  EXPECT_TRUE(b.conflict_copies().empty());
  EXPECT_FALSE(b.must_sync().published);
}

TEST_F(SyncTest, DeletingTheConflictCopyResolvesInFavourOfTheLocalFile) {
  Machine a(store);
  a.write("f", "base");
  a.must_sync();
  Machine b(store);
  b.must_sync(SyncMode::pull);
  a.write("f", "by a");
  b.write("f", "by b");
  a.must_sync();
  b.must_sync();
  b.remove(b.conflict_copies().at(0));
  EXPECT_TRUE(b.must_sync().published);
  a.must_sync();
  EXPECT_EQ(a.read("f"), "by b");
}

TEST_F(SyncTest, AnEditSurvivesADeletionOnTheOtherSide) {
  Machine a(store);
  a.write("d/x", "1");
  a.write("d/y", "1");
  a.must_sync();
  Machine b(store);
  b.must_sync(SyncMode::pull);
  a.remove("d");
  b.write("d/x", "edited");
  a.must_sync();
  b.must_sync();
  a.must_sync();
  EXPECT_EQ(a.everything(), b.everything());
  EXPECT_EQ(a.read("d/x"), "edited");
  EXPECT_FALSE(a.exists("d/y"));
}

TEST_F(SyncTest, AFileAgainstAFolderIsAConflictThatKeepsBoth) {
  Machine a(store);
  a.write("keep", "1");
  a.must_sync();
  Machine b(store);
  b.must_sync(SyncMode::pull);
  a.write("name/inner/file", "in folder");
  b.write("name", "a file");
  a.must_sync();
  const SyncReport report = b.must_sync();
  ASSERT_EQ(report.conflicts.size(), 1U);
  EXPECT_EQ(b.read("name"), "a file");
  EXPECT_EQ(b.read(report.conflicts[0].copy_path + "/inner/file"), "in folder");
  ASSERT_TRUE(b.resolve("name", Resolution::take_remote));
  EXPECT_EQ(b.read("name/inner/file"), "in folder");
  b.must_sync();
  EXPECT_EQ(a.everything(), b.everything());
}

TEST_F(SyncTest, KindChangesTravel) {
  Machine a(store);
  a.write("was file", "1");
  a.write("was folder/x", "2");
  a.write("was file too", "3");
  a.must_sync();
  Machine b(store);
  b.must_sync(SyncMode::pull);
  a.remove("was file");
  a.write("was file/now/folder", "4");
  a.remove("was folder");
  a.write("was folder", "5");
  a.remove("was file too");
  std::filesystem::create_symlink("keep", a.root / "was file too");
  a.must_sync();
  b.must_sync();
  EXPECT_EQ(a.everything(), b.everything());
}

TEST_F(SyncTest, WhatAPullReplacesOrDeletesIsInTheBackup) {
  Machine a(store);
  a.write("f", "old");
  a.write("gone", "old too");
  a.must_sync();
  Machine b(store);
  b.must_sync(SyncMode::pull);
  a.write("f", "new");
  a.remove("gone");
  a.must_sync();
  const SyncReport report = b.must_sync();
  ASSERT_FALSE(report.backup_folder.empty());
  EXPECT_EQ(read_text(b.root / report.backup_folder + "/f"), "old");
  EXPECT_EQ(read_text(b.root / report.backup_folder + "/gone"), "old too");
}

TEST_F(SyncTest, PushLeavesRemoteChangesForALaterPullWithoutUndoingThem) {
  Machine a(store);
  a.write("a", "1");
  a.write("b", "1");
  a.must_sync();
  Machine b(store);
  b.must_sync(SyncMode::pull);
  a.write("a", "2");
  a.must_sync();
  b.write("b", "2");
  const SyncReport pushed = b.must_sync(SyncMode::push);
  EXPECT_TRUE(pushed.published);
  EXPECT_TRUE(pushed.remote_has_more);
  EXPECT_EQ(b.read("a"), "1");
  EXPECT_FALSE(b.must_sync(SyncMode::push).published);
  b.must_sync(SyncMode::pull);
  a.must_sync();
  EXPECT_EQ(b.read("a"), "2");
  EXPECT_EQ(a.everything(), b.everything());
}

TEST_F(SyncTest, DeletingMostOfTheTreeIsStoppedByTheGuard) {
  Machine a(store);
  for (int i = 0; i < 40; ++i)
    a.write("f" + std::to_string(i), std::to_string(i));
  a.must_sync();
  for (int i = 0; i < 30; ++i)
    a.remove("f" + std::to_string(i));
  EXPECT_TRUE(a.sync().failed_with(Code::refused));
  SyncRequest confirmed;
  confirmed.allow_mass_change = true;
  EXPECT_TRUE(a.sync(SyncMode::sync, confirmed));
}

TEST_F(SyncTest, ADryRunChangesNothingAnywhere) {
  Machine a(store);
  a.write("f", "1");
  SyncRequest dry;
  dry.dry_run = true;
  const auto report = a.sync(SyncMode::sync, dry);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->actions.size(), 1U);
  EXPECT_EQ(a.must_sync().generation, 1U);
}

TEST_F(SyncTest, ManyVersionsMoveTheLogIntoSegmentsAndDescentStaysProvable) {
  Machine late(store);
  Machine a(store);
  a.write("f", "0");
  a.must_sync();
  late.must_sync(SyncMode::pull);
  for (int i = 1; i <= 300; ++i) {
    a.write("f", std::to_string(i));
    ASSERT_TRUE(a.must_sync().published);
  }
  late.must_sync();
  EXPECT_EQ(late.read("f"), "300");
}

TEST_F(SyncTest, AStoreThatGoesBackInTimeIsRefused) {
  Machine a(store);
  a.write("f", "1");
  a.must_sync();
  const Blob old = *get_whole(store, kHeadName, kMaxObjectSizeBytes, {});
  a.write("f", "2");
  a.must_sync();
  ASSERT_TRUE(store.put(kHeadName, old.data, PutCondition::none(), {}));
  const auto result = a.sync();
  EXPECT_TRUE(result.failed_with(Code::rollback));
  EXPECT_EQ(a.read("f"), "2");
}

TEST_F(SyncTest, RestoreBringsBackAnyVersionAndLosesNothing) {
  Machine a(store);
  a.write("f", "first");
  a.write("later gone", "x");
  a.must_sync();
  const Index first =
      *load_index(a.context(), (*a.state->base())->version, (*a.state->base())->index_sha256, {});
  a.write("f", "second");
  a.remove("later gone");
  a.write("added", "y");
  a.must_sync();
  a.write("f", "unsaved");
  const auto restored = restore_workspace(a.context(), first, {}, **a.state->link(), {});
  ASSERT_TRUE(restored) << restored.error().message();
  EXPECT_EQ(a.everything(), (std::set<std::string>{"f=first", "later gone=x"}));
  EXPECT_EQ(read_text(a.root / restored->backup_folder + "/f"), "unsaved");
  EXPECT_EQ(read_text(a.root / restored->backup_folder + "/added"), "y");
  EXPECT_EQ(a.must_sync().generation, 3U);
}

TEST_F(SyncTest, ARestoreThatWouldReplaceMostOfTheTreeMustBeConfirmed) {
  Machine a(store);
  for (int i = 0; i < 30; ++i)
    a.write("f" + std::to_string(i), "old");
  a.must_sync();
  const Index old =
      *load_index(a.context(), (*a.state->base())->version, (*a.state->base())->index_sha256, {});
  for (int i = 0; i < 30; ++i)
    a.write("f" + std::to_string(i), "unsaved");
  RestoreRequest request;
  const auto go = [&] {
    return restore_workspace(a.context(), old, request, **a.state->link(), {});
  };
  EXPECT_TRUE(go().failed_with(Code::refused));
  EXPECT_EQ(a.read("f0"), "unsaved");
  request.dry_run = true;
  EXPECT_EQ(go()->actions.size(), 30U);
  request.dry_run = false;
  request.paths = {"f0", "f1"};
  EXPECT_TRUE(go());
  request.paths.clear();
  request.allow_mass_change = true;
  EXPECT_TRUE(go());
  EXPECT_EQ(a.read("f29"), "old");
}

// A FIFO in the place of a file cannot be synced; what it hid must not pass for an edit later.
TEST_F(SyncTest, TheBaseDoesNotAdvanceOverWhatCouldNotBeLookedAt) {
  Machine a(store);
  a.write("f", "old");
  a.write("g", "1");
  a.must_sync();
  Machine b(store);
  b.must_sync(SyncMode::pull);
  b.remove("f");
  ASSERT_EQ(::mkfifo((b.root / "f").c_str(), 0600), 0);
  a.write("f", "new from a");
  a.must_sync();
  b.write("g", "2 from b");
  EXPECT_TRUE(b.must_sync().published);
  b.remove("f");
  b.write("f", "old");
  b.must_sync();
  a.must_sync();
  EXPECT_EQ(b.read("f"), "new from a");
  EXPECT_EQ(a.read("f"), "new from a");
  EXPECT_EQ(a.read("g"), "2 from b");
  EXPECT_TRUE(b.conflict_copies().empty());
}

// As after a killed pull: b's folder got another time than the version says, and b publishes it.
TEST_F(SyncTest, TimesOfFoldersTravelWithTheNextVersion) {
  Machine a(store);
  a.write("d/f", "1");
  a.write("e/f", "1");
  a.must_sync();
  Machine b(store);
  b.must_sync(SyncMode::pull);
  std::filesystem::last_write_time(
      b.root / "d", std::filesystem::last_write_time(b.root / "d") - std::chrono::hours(1));
  b.write("e/f", "22");
  b.must_sync();
  a.must_sync();
  for (const char* path : {"d", "e", ""}) {
    EXPECT_EQ(std::filesystem::last_write_time(a.root / path),
              std::filesystem::last_write_time(b.root / path))
        << path;
  }
}

TEST_F(SyncTest, APullLeavesAFoldersLocalModeAlone) {
  Machine a(store);
  a.write("d/f", "1");
  a.must_sync();
  Machine b(store);
  b.must_sync(SyncMode::pull);
  std::filesystem::permissions(b.root / "d", std::filesystem::perms(0700));
  a.write("d/g", "2");
  a.must_sync();
  b.must_sync(SyncMode::pull);
  EXPECT_EQ(std::filesystem::status(b.root / "d").permissions(), std::filesystem::perms(0700));
  b.must_sync();
  a.must_sync();
  EXPECT_EQ(std::filesystem::status(a.root / "d").permissions(), std::filesystem::perms(0700));
}

TEST_F(SyncTest, ALargeFileTravelsInChunks) {
  Machine a(store);
  std::string large(40 << 20, '\0');
  for (std::size_t i = 0; i < large.size(); i += 997)
    large[i] = static_cast<char>(i * 31 >> 7);
  a.write("large.bin", large);
  a.must_sync();
  Machine b(store);
  b.must_sync(SyncMode::pull);
  EXPECT_EQ(b.read("large.bin"), large);
}

}  // namespace
}  // namespace mikura

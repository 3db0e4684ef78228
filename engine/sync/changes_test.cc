// Changes that are more than new bytes in a file: renames, names that differ in case only, nodes
// that become another kind, and edits while a run is at work.
#include <gtest/gtest.h>

#include <map>

#include "sync/sync_test_fixture.h"

namespace mikura {
namespace {

namespace fs = std::filesystem;

class ChangesTest : public SyncTest {
 protected:
  ChangesTest() : a(store, 1), b(store, 1) {}

  void share() {
    a.must_sync();
    b.must_sync(SyncMode::pull);
  }
  const SyncAction* find(const SyncReport& report, const std::string& path) {
    const auto action = std::ranges::find(report.actions, path, &SyncAction::path);
    return action == report.actions.end() ? nullptr : &*action;
  }

  Machine a;
  Machine b;
};

TEST_F(ChangesTest, ARenameIsShownAsOneAndItsContentDoesNotTravel) {
  a.write("old name", std::string(100'000, 'x'));
  share();
  fs::create_directory(a.root / "folder");
  fs::rename(a.root / "old name", a.root / "folder/new name");
  const std::uint64_t sent_before = a.counts.uploaded_objects;
  const SyncReport sent = a.must_sync();
  ASSERT_NE(find(sent, "folder/new name"), nullptr);
  EXPECT_EQ(find(sent, "folder/new name")->renamed_from, "old name");
  EXPECT_EQ(sent.uploaded_objects, sent_before);
  const std::uint64_t got_before = b.counts.downloaded_objects;
  const SyncReport got = b.must_sync();
  ASSERT_NE(find(got, "folder/new name"), nullptr);
  EXPECT_EQ(find(got, "folder/new name")->renamed_from, "old name");
  EXPECT_EQ(got.downloaded_objects, got_before);
  EXPECT_EQ(a.everything(), b.everything());
}

TEST_F(ChangesTest, ARenamedFileThatIsEditedOnTheOtherSideKeepsTheEdit) {
  a.write("old", "1");
  share();
  fs::rename(a.root / "old", a.root / "new");
  a.must_sync();
  b.write("old", "2 by b");
  EXPECT_TRUE(b.must_sync().conflicts.empty());
  a.must_sync();
  EXPECT_EQ(a.read("old"), "2 by b");
  EXPECT_EQ(a.read("new"), "1");
  EXPECT_EQ(a.everything(), b.everything());
}

TEST_F(ChangesTest, TheSameFileRenamedDifferentlyOnBothSidesIsThereTwice) {
  a.write("f", "content");
  share();
  fs::rename(a.root / "f", a.root / "by a");
  fs::rename(b.root / "f", b.root / "by b");
  a.must_sync();
  EXPECT_TRUE(b.must_sync().conflicts.empty());
  a.must_sync();
  EXPECT_EQ(a.everything(), (std::set<std::string>{"by a=content", "by b=content"}));
  EXPECT_EQ(a.everything(), b.everything());
}

TEST_F(ChangesTest, ARenameOfCaseOnlyArrives) {
  a.write("readme.txt", "1");
  a.write("src/main.c", "1");
  share();
  fs::rename(a.root / "readme.txt", a.root / "README.txt");
  fs::rename(a.root / "src", a.root / "Src");
  const SyncReport sent = a.must_sync();
  EXPECT_EQ(find(sent, "README.txt")->renamed_from, "readme.txt");
  b.must_sync();
  EXPECT_EQ(b.everything(), (std::set<std::string>{"README.txt=1", "Src/", "Src/main.c=1"}));
}

TEST_F(ChangesTest, AFolderRenamedOnOneSideAndFilledOnTheOtherKeepsAll) {
  a.write("folder/x", "1");
  a.write("folder/y", "1");
  share();
  fs::rename(a.root / "folder", a.root / "renamed");
  a.must_sync();
  b.write("folder/new by b", "1");
  b.write("folder/x", "2 by b");
  EXPECT_TRUE(b.must_sync().conflicts.empty());
  a.must_sync();
  EXPECT_EQ(a.everything(), b.everything());
  EXPECT_EQ(a.read("folder/new by b"), "1");
  EXPECT_EQ(a.read("folder/x"), "2 by b");
  EXPECT_EQ(a.read("renamed/y"), "1");
  EXPECT_FALSE(a.exists("folder/y"));
}

// --- Every kind becomes every other ---

struct KindChange {
  const char* name;
  char from, to;  // f, d, l, or an empty folder e
};

class KindChanges : public SyncTest, public ::testing::WithParamInterface<KindChange> {
 protected:
  static void make(Machine& machine, char kind, const std::string& text) {
    machine.remove("node");
    switch (kind) {
      case 'f':
        machine.write("node", text);
        break;
      case 'l':
        fs::create_symlink(text, machine.root / "node");
        break;
      case 'd':
        machine.write("node/deep/file", text);
        break;
      default:
        fs::create_directory(machine.root / "node");
    }
  }
};

TEST_P(KindChanges, ArrivesAndWhatItReplacesIsInTheBackup) {
  Machine a(store);
  Machine b(store);
  make(a, GetParam().from, "before");
  a.must_sync();
  b.must_sync(SyncMode::pull);
  make(a, GetParam().to, "after");
  a.must_sync();
  const SyncReport report = b.must_sync();
  EXPECT_EQ(a.everything(), b.everything());
  EXPECT_TRUE(report.conflicts.empty());
  if (GetParam().from == 'f') {
    EXPECT_EQ(b.read(report.backup_folder + "/node"), "before");
  }
  if (GetParam().from == 'd') {
    EXPECT_EQ(b.read(report.backup_folder + "/node/deep/file"), "before");
  }
  EXPECT_FALSE(b.must_sync().published);
}

TEST_P(KindChanges, AgainstAnEditIsAConflictThatKeepsBoth) {
  if (GetParam().from == 'e') return;  // an empty folder cannot be edited
  Machine a(store);
  Machine b(store);
  make(a, GetParam().from, "before");
  a.must_sync();
  b.must_sync(SyncMode::pull);
  make(a, GetParam().to, "after");
  a.must_sync();
  make(b, GetParam().from, "edited by b");
  const auto without_copies = [&] {
    auto all = b.everything();
    std::erase_if(all, [](const std::string& node) { return node.starts_with("conflict-"); });
    return all;
  };
  const auto before = without_copies();
  const SyncReport report = b.must_sync();
  if (GetParam().to == 'e') {
    // An empty folder in the place of a file is news as well.
    EXPECT_EQ(report.conflicts.size() + (GetParam().from == 'd' ? 1 : 0), 1U);
  } else {
    EXPECT_EQ(report.conflicts.size(), 1U);
  }
  EXPECT_EQ(without_copies(), before) << "the local side stays";
  b.must_sync();
  EXPECT_EQ(without_copies(), before);
}

INSTANTIATE_TEST_SUITE_P(
    AllPairs, KindChanges,
    ::testing::Values(KindChange{"FileToFolder", 'f', 'd'}, KindChange{"FileToLink", 'f', 'l'},
                      KindChange{"FileToEmptyFolder", 'f', 'e'},
                      KindChange{"FolderToFile", 'd', 'f'}, KindChange{"FolderToLink", 'd', 'l'},
                      KindChange{"LinkToFile", 'l', 'f'}, KindChange{"LinkToFolder", 'l', 'd'},
                      KindChange{"EmptyFolderToFile", 'e', 'f'},
                      KindChange{"EmptyFolderToLink", 'e', 'l'}),
    [](const auto& change) { return change.param.name; });

// --- Somebody edits while a run is at work ---

// The real tree, and something that happens right before or after a node is placed.
class InterruptedTree final : public WorkingTree {
 public:
  explicit InterruptedTree(WorkingTree& tree) : tree_(tree) {}

  std::map<std::string, std::function<void()>> before, after;
  std::map<std::string, Error> fails;

  Result<FileStamp> place_file(std::unique_ptr<StagedFile> staged, std::string_view path,
                               const Expectation& expected, const Metadata& metadata) override {
    const std::string place(path);
    if (const auto failure = fails.find(place); failure != fails.end()) return failure->second;
    happen(before, place);
    auto placed = tree_.place_file(std::move(staged), path, expected, metadata);
    happen(after, place);
    return placed;
  }
  Result<void> remove(std::string_view path, const Expectation& expected) override {
    happen(before, std::string(path));
    return tree_.remove(path, expected);
  }

  Result<ScannedTree> scan(const ScanRequest& request, std::stop_token stop) override {
    return tree_.scan(request, std::move(stop));
  }
  Result<std::optional<NodeStatus>> inspect(std::string_view path) override {
    return tree_.inspect(path);
  }
  Result<std::unique_ptr<FileReader>> open_file(std::string_view path) override {
    return tree_.open_file(path);
  }
  Result<std::unique_ptr<StagedFile>> stage_file() override { return tree_.stage_file(); }
  Result<FileStamp> place_symlink(std::string_view path, std::string_view target,
                                  const Expectation& expected, std::int64_t mtime_ns) override {
    return tree_.place_symlink(path, target, expected, mtime_ns);
  }
  Result<void> make_directory(std::string_view path, const Expectation& expected) override {
    return tree_.make_directory(path, expected);
  }
  Result<void> rename(std::string_view path, std::string_view new_name,
                      const Expectation& expected) override {
    return tree_.rename(path, new_name, expected);
  }
  Result<FileStamp> set_metadata(std::string_view path, const Expectation& expected,
                                 const Metadata& metadata) override {
    return tree_.set_metadata(path, expected, metadata);
  }
  Result<void> flush() override { return tree_.flush(); }
  Result<void> tidy(unsigned max_age_days, std::uint64_t max_total_bytes) override {
    return tree_.tidy(max_age_days, max_total_bytes);
  }
  std::string backup_folder() const override { return tree_.backup_folder(); }

 private:
  static void happen(std::map<std::string, std::function<void()>>& events,
                     const std::string& path) {
    const auto event = events.find(path);
    if (event == events.end()) return;
    const auto action = std::move(event->second);
    events.erase(event);
    action();
  }

  WorkingTree& tree_;
};

class InterruptedTest : public ChangesTest {
 protected:
  InterruptedTest() {
    for (const char* path : {"f", "g", "h"})
      a.write(path, "1");
    share();
    for (const char* path : {"f", "g", "h"})
      a.write(path, "2 by a");
    a.must_sync();
  }

  Result<SyncReport> sync_interrupted() {
    const SyncContext inner = b.context();
    const SyncContext context{inner.vault,  tree,         inner.state,    inner.clock,
                              inner.random, inner.memory, inner.progress, inner.concurrency,
                              inner.counts};
    const Author author{b.device, "b", "tester@b", "mikura test"};
    return run_sync(context, {}, **b.state->link(), author, {});
  }

  InterruptedTree tree{*b.tree};
};

TEST_F(InterruptedTest, AnEditRightBeforeAFileIsReplacedIsAConflictAndNothingIsLost) {
  tree.before["g"] = [&] { b.write("g", "edited in b, just now"); };
  const auto report = sync_interrupted();
  ASSERT_TRUE(report) << report.error().message();
  ASSERT_EQ(report->conflicts.size(), 1U);
  EXPECT_EQ(b.read("g"), "edited in b, just now");
  EXPECT_EQ(b.read(report->conflicts[0].copy_path), "2 by a");
  EXPECT_EQ(b.read("f"), "2 by a");
  EXPECT_EQ(b.read("h"), "2 by a");
}

TEST_F(InterruptedTest, AnEditOfAFileThatWasJustBroughtIsNoConflict) {
  tree.after["f"] = [&] { b.write("f", "3 by b, on top of 2 by a"); };
  // And something else changes, so that the run has to look again.
  tree.before["g"] = [&] { b.remove("g"); };
  const auto report = sync_interrupted();
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_TRUE(report->conflicts.empty()) << "b saw what a wrote";
  a.must_sync();
  EXPECT_EQ(a.read("f"), "3 by b, on top of 2 by a");
  EXPECT_EQ(a.everything(), b.everything());
}

TEST_F(InterruptedTest, AFileThatAppearsWhereOneIsToBeCreatedStays) {
  a.write("new", "by a");
  a.must_sync();
  tree.before["new"] = [&] { b.write("new", "by b"); };
  const auto report = sync_interrupted();
  ASSERT_TRUE(report);
  ASSERT_EQ(report->conflicts.size(), 1U);
  EXPECT_EQ(b.read("new"), "by b");
}

TEST_F(InterruptedTest, AnEditOfAFileThatIsToBeRemovedStays) {
  a.remove("g");
  a.must_sync();
  tree.before["g"] = [&] { b.write("g", "edited in b"); };
  const auto report = sync_interrupted();
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->conflicts.empty());
  EXPECT_EQ(b.read("g"), "edited in b");
  a.must_sync();
  EXPECT_EQ(a.read("g"), "edited in b");
}

// A full disk in the middle: what was brought is not taken for an edit later.
TEST_F(InterruptedTest, WhatARunBroughtBeforeItFailedCanBeEditedWithoutConflict) {
  tree.fails.emplace("h", Error(Code::full, "no space"));
  EXPECT_TRUE(sync_interrupted().failed_with(Code::full));
  ASSERT_EQ(b.read("f"), "2 by a");
  ASSERT_EQ(b.read("h"), "1");
  b.write("f", "3 by b");
  const SyncReport report = b.must_sync();
  EXPECT_TRUE(report.conflicts.empty());
  EXPECT_EQ(b.read("h"), "2 by a");
  a.must_sync();
  EXPECT_EQ(a.read("f"), "3 by b");
  EXPECT_EQ(a.everything(), b.everything());
}

}  // namespace
}  // namespace mikura

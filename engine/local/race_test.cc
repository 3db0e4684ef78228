// What happens when somebody else works in the tree at the same moment: between the look and the
// rename, and all the time.

#include <gtest/gtest.h>
#include <stdio.h>

#include <atomic>
#include <functional>
#include <set>
#include <thread>

#include "base/file.h"
#include "format/path.h"
#include "local/tree_test_fixture.h"

namespace mikura {
namespace {

namespace fs = std::filesystem;

// Runs `action` once, in the moment before the n-th exchange or move.
std::function<void()> nth_time(int n, std::function<void()> action) {
  return [n, action = std::move(action), count = std::make_shared<int>(0)] {
    if (++*count == n) action();
  };
}

class RaceTest : public TreeTest {
 protected:
  void before_exchange(int n, std::function<void()> action) {
    PosixTreeOptions options;
    options.rename.before_exchange = nth_time(n, std::move(action));
    reopen(std::move(options));
  }
  void before_move(int n, std::function<void()> action, PosixTreeOptions options = {}) {
    options.rename.before_move = nth_time(n, std::move(action));
    reopen(std::move(options));
  }
  // An editor that saves by writing a new file and renaming it.
  void save(std::string_view path, std::string_view text) const {
    write(".editor", text);
    fs::rename(at(".editor"), at(path));
  }
  std::vector<std::string> backed_up_texts() const {
    std::vector<std::string> texts;
    for (const auto& file : fs::recursive_directory_iterator(at(".mikura/backup"))) {
      if (file.is_regular_file()) texts.push_back(read_text(file.path()));
    }
    std::sort(texts.begin(), texts.end());
    return texts;
  }
};

TEST_F(RaceTest, AnEditBetweenTheLookAndTheExchangeIsPutBack) {
  const std::vector<std::function<void()>> edits = {
      [&] { write("f", "edited in place"); },
      [&] { save("f", "saved anew"); },
      [&] { ASSERT_EQ(::chmod(at("f").c_str(), 0600), 0); },
  };
  const std::vector<std::string> expected = {"edited in place", "saved anew", "planned"};
  for (std::size_t i = 0; i < edits.size(); ++i) {
    write("f", "planned");
    const auto planned = node("f");
    before_exchange(1, edits[i]);
    const auto placed = place("f", "ours", planned);
    EXPECT_TRUE(placed.failed_with(Code::conflict)) << i;
    EXPECT_EQ(read("f"), expected[i]);
    EXPECT_TRUE(backed_up_texts().empty());
    EXPECT_TRUE(temporaries().empty());
    EXPECT_EQ(tree().backup_folder(), "");
  }
}

TEST_F(RaceTest, AFileDeletedInThatMomentStaysDeleted) {
  write("f", "planned");
  const auto planned = node("f");
  before_exchange(1, [&] { fs::remove(at("f")); });
  EXPECT_TRUE(place("f", "ours", planned).failed_with(Code::conflict));
  EXPECT_FALSE(exists("f"));
  EXPECT_TRUE(backed_up_texts().empty());
  EXPECT_TRUE(temporaries().empty());
}

TEST_F(RaceTest, AFolderPutThereInThatMomentIsPutBackWhole) {
  write("f", "planned");
  const auto planned = node("f");
  before_exchange(1, [&] {
    fs::remove(at("f"));
    write("f/inside", "theirs");
  });
  EXPECT_TRUE(place("f", "ours", planned).failed_with(Code::conflict));
  EXPECT_EQ(read("f/inside"), "theirs");
  EXPECT_TRUE(backed_up_texts().empty());
}

TEST_F(RaceTest, IfOursIsReplacedBeforeItIsTakenBackTheNewestStaysAndNothingIsLost) {
  write("f", "planned");
  const auto planned = node("f");
  PosixTreeOptions options;
  int count = 0;
  options.rename.before_exchange = [&] {
    if (++count == 1) save("f", "first edit");
    if (count == 2) save("f", "second edit");
  };
  reopen(std::move(options));
  const auto placed = place("f", "ours", planned);
  ASSERT_TRUE(placed.failed_with(Code::conflict));
  EXPECT_EQ(read("f"), "second edit");
  EXPECT_EQ(backed_up_texts(), std::vector<std::string>{"first edit"});
  EXPECT_NE(placed.error().hint().find(tree().backup_folder()), std::string::npos);
}

TEST_F(RaceTest, IfOursIsEditedBeforeItIsTakenBackTheEditStays) {
  write("f", "planned");
  const auto planned = node("f");
  PosixTreeOptions options;
  int count = 0;
  options.rename.before_exchange = [&] {
    if (++count == 1) save("f", "first edit");
    if (count == 2) write("f", "edit of ours");
  };
  reopen(std::move(options));
  EXPECT_TRUE(place("f", "ours", planned).failed_with(Code::conflict));
  EXPECT_EQ(read("f"), "edit of ours");
  EXPECT_EQ(backed_up_texts(), std::vector<std::string>{"first edit"});
}

TEST_F(RaceTest, IfOursIsDeletedBeforeItIsTakenBackTheirsComesBack) {
  write("f", "planned");
  const auto planned = node("f");
  PosixTreeOptions options;
  int count = 0;
  options.rename.before_exchange = [&] {
    if (++count == 1) save("f", "first edit");
    if (count == 2) fs::remove(at("f"));
  };
  reopen(std::move(options));
  EXPECT_TRUE(place("f", "ours", planned).failed_with(Code::conflict));
  EXPECT_EQ(read("f"), "first edit");
  EXPECT_TRUE(backed_up_texts().empty());
}

TEST_F(RaceTest, AFileThatAppearsWhereNothingWasExpectedIsNotReplaced) {
  before_move(1, [&] { write("f", "theirs"); });
  EXPECT_TRUE(place("f", "ours", Expectation::absent()).failed_with(Code::conflict));
  EXPECT_EQ(read("f"), "theirs");
  EXPECT_TRUE(temporaries().empty());
}

TEST_F(RaceTest, AnEditInTheMomentOfRemovalIsPutBack) {
  for (const bool in_place : {true, false}) {
    write("f", "planned");
    const auto planned = node("f");
    before_move(1, [&] { in_place ? write("f", "edited now") : save("f", "edited now"); });
    EXPECT_TRUE(tree().remove("f", planned).failed_with(Code::conflict));
    EXPECT_EQ(read("f"), "edited now");
    EXPECT_TRUE(backed_up_texts().empty());
  }
}

TEST_F(RaceTest, AnEditThatCannotBePutBackIsKeptInTheBackup) {
  write("f", "planned");
  const auto planned = node("f");
  PosixTreeOptions options;
  int count = 0;
  options.rename.before_move = [&] {
    if (++count == 1) save("f", "first edit");
    if (count == 2) save("f", "second edit");
  };
  reopen(std::move(options));
  const auto removed = tree().remove("f", planned);
  ASSERT_TRUE(removed.failed_with(Code::conflict));
  EXPECT_EQ(read("f"), "second edit");
  EXPECT_EQ(backed_up_texts(), std::vector<std::string>{"first edit"});
  EXPECT_NE(removed.error().hint().find(".mikura/backup/"), std::string::npos);
}

TEST_F(RaceTest, WithoutExchangeAFileThatAppearsBetweenTheStepsStays) {
  write("f", "planned");
  const auto planned = node("f");
  PosixTreeOptions options;
  options.rename.no_exchange = true;
  // Moves: ours into the backup's place, back again, theirs into the backup, ours into the tree.
  before_move(4, [&] { write("f", "theirs"); }, std::move(options));
  EXPECT_TRUE(place("f", "ours", planned).failed_with(Code::conflict));
  EXPECT_EQ(read("f"), "theirs");
  EXPECT_EQ(backed_up_texts(), std::vector<std::string>{"planned"});
  EXPECT_TRUE(temporaries().empty());
}

TEST_F(RaceTest, AFileEditedRightAfterPlacingGetsAStampThatMatchesNothing) {
  // Between the rename and the look there is no seam: a thread has to hit that moment.
  constexpr int kRounds = 300;
  std::atomic<bool> done = false;
  std::jthread editor([&] {
    while (!done) {
      const Fd fd(::open(at("f").c_str(), O_WRONLY | O_CLOEXEC));
      if (fd && ::pwrite(fd.get(), "E", 1, 0) != 1) break;
    }
  });
  for (int i = 0; i < kRounds; ++i) {
    const auto placed = place("f", "ours", Expectation::absent());
    ASSERT_TRUE(placed) << placed.error().message();
    // Whoever believes the record of this stamp believes that the file holds "ours".
    const std::string text = read("f");
    if (text != "ours") {
      EXPECT_NE(*placed, stamp("f")) << i;
    }
    fs::remove(at("f"));
  }
  done = true;
}

// E2: the folder of a path becomes a symlink while we work, again and again.
TEST_F(RaceTest, NothingIsEverWrittenOrReadThroughASymlinkSwappedIn) {
  constexpr int kRounds = 100;
  for (const WalkMethod method : {WalkMethod::automatic, WalkMethod::components}) {
    reopen({method, {}, {}});
    const TempFolder outside;
    fs::create_directory(outside / "e");
    write_text(outside / "e/bait", "outside");
    make_folder("d/e");
    fs::create_directory_symlink(outside.path(), at("link"));
    std::atomic<bool> done = false;
    std::atomic<int> swaps = 0;
    std::jthread swapper([&] {
      while (!done) {
        ::renameat2(AT_FDCWD, at("d").c_str(), AT_FDCWD, at("link").c_str(), RENAME_EXCHANGE);
        ++swaps;
      }
    });
    for (int i = 0; i < kRounds; ++i) {
      const std::string path = "d/e/" + std::to_string(i);
      (void)place(path, "ours", Expectation::absent());
      (void)tree().make_directory(path + ".d", Expectation::absent());
      (void)tree().place_symlink(path + ".l", "x", Expectation::absent(), 0);
      EXPECT_FALSE(tree().open_file("d/e/bait"));
      if (const auto bait = tree().inspect("d/e/bait"); bait) {
        EXPECT_EQ(*bait, std::nullopt);
      }
      (void)tree().remove("d/e/bait", Expectation::directory());
      (void)tree().set_metadata("d/e", Expectation::directory(), {0700, kSomeTime});
      if (i % 20 == 0) {
        const auto found = scan();
        for (const Entry& entry : found->entries)
          EXPECT_NE(file_name(entry.path), "bait");
      }
    }
    done = true;
    swapper.join();
    EXPECT_GT(swaps, 10);
    EXPECT_EQ(std::distance(fs::recursive_directory_iterator(outside.path()), {}), 2);
    EXPECT_EQ(read_text(outside / "e/bait"), "outside");
    EXPECT_NE(fs::status(outside / "e").permissions(), fs::perms::owner_all);
    fs::remove_all(at("d"));
    fs::remove_all(at("link"));
  }
}

// An editor saves as fast as it can while we replace what the last scan saw. In the end every text
// that the editor wrote and did not itself overwrite is in the tree or in the backup.
TEST_F(RaceTest, AnEditorAndWeNeverLoseEachOthersTexts) {
  constexpr int kSaves = 400;
  write("f", "0");
  std::atomic<bool> done = false;
  // What the editor replaced, as far as it can tell: it exchanges too, and reads what came out.
  std::set<std::string> overwritten_by_editor;
  std::jthread editor([&] {
    for (int i = 1; i <= kSaves; ++i) {
      const std::string fresh = ".save" + std::to_string(i);
      write(fresh, std::to_string(i));
      if (::renameat2(AT_FDCWD, at(fresh).c_str(), AT_FDCWD, at("f").c_str(), RENAME_EXCHANGE) !=
          0) {
        ADD_FAILURE() << "the file was gone";
        break;
      }
      overwritten_by_editor.insert(read(fresh));
      fs::remove(at(fresh));
    }
    done = true;
  });
  int ours = 0;
  int replaced = 0;
  while (!done) {
    const auto there = tree().inspect("f");
    ASSERT_TRUE(there && *there);
    const auto placed =
        place("f", "ours " + std::to_string(++ours), Expectation::node((*there)->stamp));
    if (placed) {
      ++replaced;
    } else {
      ASSERT_EQ(placed.error().code(), Code::conflict) << placed.error().message();
    }
  }
  editor.join();
  std::set<std::string> kept = overwritten_by_editor;
  kept.insert(read("f"));
  for (const std::string& text : backed_up_texts())
    kept.insert(text);
  for (int i = 0; i <= kSaves; ++i)
    EXPECT_TRUE(kept.contains(std::to_string(i))) << i;
  EXPECT_TRUE(temporaries().empty());
  RecordProperty("replaced", replaced);
}

TEST_F(RaceTest, ManyThreadsPlaceReplaceAndRemoveDifferentPaths) {
  constexpr int kThreads = 4;
  constexpr int kFiles = 60;
  make_folder("d");
  std::vector<std::jthread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kFiles; ++i) {
        const std::string path = "d/" + std::to_string(t) + "-" + std::to_string(i);
        const auto first = place(path, "one", Expectation::absent());
        ASSERT_TRUE(first);
        const auto second = place(path, "two", Expectation::node(*first));
        ASSERT_TRUE(second) << second.error().message();
        if (i % 2 == 0) {
          ASSERT_TRUE(tree().remove(path, Expectation::node(*second)));
        }
      }
    });
  }
  threads.clear();
  EXPECT_EQ(names_in("d").size(), kThreads * kFiles / 2U);
  EXPECT_EQ(backed_up().size(), kThreads * (kFiles + kFiles / 2U));
  EXPECT_TRUE(temporaries().empty());
}

}  // namespace
}  // namespace mikura

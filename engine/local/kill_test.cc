// Runs that are killed at any moment: every file is whole, old or new, and what it held before is
// in the tree or in the backup. And what tidy does with what they leave behind.

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <thread>

#include "base/file.h"
#include "local/beside.h"
#include "local/tree_test_fixture.h"

namespace mikura {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kDayNs = 86'400LL * 1'000'000'000;

class KillTest : public TreeTest, public testing::WithParamInterface<const char*> {
 protected:
  static constexpr int kFiles = 4;
  static constexpr std::size_t kTextBytes = 9000;  // more than a page

  // The content of generation n: whole, or not.
  static std::string text_of(int file, int generation) {
    std::string text = std::to_string(file) + ":" + std::to_string(generation) + ":";
    while (text.size() < kTextBytes)
      text += text;
    text.resize(kTextBytes);
    return text;
  }
  static int generation_of(const std::string& text, int file) {
    const std::string head = std::to_string(file) + ":";
    if (!text.starts_with(head)) return -1;
    const int generation = std::atoi(text.c_str() + head.size());
    return text == text_of(file, generation) ? generation : -1;
  }

  PosixTreeOptions options() const {
    PosixTreeOptions options;
    if (std::string_view(GetParam()) == "OtherFileSystem") options.foreign_folder = "d";
    return options;
  }

  // Replaces, removes and creates without end, from `generation` on.
  [[noreturn]] void work(int generation, int report) {
    reopen(options());
    for (;; ++generation) {
      for (int file = 0; file < kFiles; ++file) {
        const std::string path = "d/" + std::to_string(file);
        const auto there = tree().inspect(path);
        if (!there) ::_exit(3);
        const Expectation expected =
            *there ? Expectation::node((*there)->stamp) : Expectation::absent();
        if (*there && generation % 5 == 4) {
          if (!tree().remove(path, expected)) ::_exit(4);
        } else if (!place(path, text_of(file, generation), expected)) {
          ::_exit(5);
        }
        if (::write(report, &generation, sizeof generation) != sizeof generation) ::_exit(6);
      }
    }
  }

  // The highest generation of each file that is whole anywhere, and that nothing in the tree or the
  // backup is less than whole.
  int newest(int file) {
    int newest = -1;
    const auto look = [&](const fs::path& path, bool in_tree) {
      const int generation = generation_of(read_text(path), file);
      EXPECT_GE(generation, 0) << path << (in_tree ? "" : " in the backup");
      newest = std::max(newest, generation);
    };
    const std::string name = std::to_string(file);
    if (exists("d/" + name)) look(at("d/" + name), true);
    for (const auto& kept : fs::recursive_directory_iterator(at(".mikura/backup"))) {
      const std::string kept_name = kept.path().filename();
      if (kept.is_regular_file() && (kept_name == name || kept_name.starts_with(name + ".")))
        look(kept.path(), false);
    }
    return newest;
  }
};

INSTANTIATE_TEST_SUITE_P(Where, KillTest, testing::Values("SameFileSystem", "OtherFileSystem"),
                         [](const auto& where) { return std::string(where.param); });

TEST_P(KillTest, EveryFileIsWholeAndNothingIsLost) {
  constexpr int kRounds = 20;
  make_folder("d");
  int generation = 0;
  for (int round = 0; round < kRounds; ++round) {
    int report[2];
    ASSERT_EQ(::pipe2(report, O_CLOEXEC), 0);
    const pid_t child = ::fork();
    if (child == 0) work(generation, report[1]);
    ::close(report[1]);
    // Everything reported was done: for each file the generation it was reported for, or a newer
    // one, is somewhere.
    std::vector<int> done(kFiles, -1);
    int count = 0;
    const auto read_report = [&] {
      int reported = 0;
      if (::read(report[0], &reported, sizeof reported) != sizeof reported) return false;
      if (reported % 5 != 4) done[static_cast<std::size_t>(count % kFiles)] = reported;
      ++count;
      generation = std::max(generation, reported + 1);
      return true;
    };
    for (int i = 0; i <= round % 6; ++i)
      ASSERT_TRUE(read_report());
    std::this_thread::sleep_for(std::chrono::microseconds(round * 137 % 1500));
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << WEXITSTATUS(status);
    while (read_report()) {
    }
    ::close(report[0]);
    // As the next run does first.
    reopen(options());
    ASSERT_TRUE(tree().tidy(30, 1ULL << 40));
    for (int file = 0; file < kFiles; ++file)
      EXPECT_GE(newest(file), done[static_cast<std::size_t>(file)]) << file;
    EXPECT_TRUE(temporaries().empty());
    for (const std::string& name : names_in("d"))
      EXPECT_EQ(name.size(), 1U) << name;
  }
  EXPECT_GE(generation, kRounds / 2);
}

class TidyTest : public TreeTest {
 protected:
  std::vector<std::string> backups() const {
    std::vector<std::string> names = names_in(".mikura/backup");
    std::erase(names, ".sizes");
    return names;
  }
  void make_backup(const std::string& name, std::size_t bytes) {
    write(".mikura/backup/" + name + "/deep/er/file", std::string(bytes, 'x'));
  }
};

TEST_F(TidyTest, TemporariesOfKilledRunsGoAndThoseInUseStay) {
  write(".mikura/tmp/new-0011223344556677", "left over");
  write(".mikura/tmp/whatever", "left over");
  make_folder(".mikura/tmp/folder-0011223344556677");
  fs::create_symlink("nowhere", at(".mikura/tmp/link-0011223344556677"));
  const auto staged = stage("in use");
  ASSERT_EQ(temporaries().size(), 5U);
  ASSERT_TRUE(tree().tidy(30, 1 << 30));
  EXPECT_EQ(temporaries().size(), 1U);
  ASSERT_TRUE(tree().place_file(stage("x"), "f", Expectation::absent(), {}));
}

TEST_F(TidyTest, OldBackupsGo) {
  make_backup("20251201.000000", 10);  // a month old
  make_backup("20251231.000000", 10);  // two days
  make_backup("20251231.000000.2", 10);
  make_backup("my own folder", 10);
  make_backup("20251201.000000-mine", 10);
  ASSERT_TRUE(tree().tidy(30, 1 << 30));
  EXPECT_EQ(backups(), (std::vector<std::string>{"20251201.000000-mine", "20251231.000000",
                                                 "20251231.000000.2", "my own folder"}));
}

TEST_F(TidyTest, TheOldestGoFirstWhenTheyAreTooLarge) {
  for (const char* name :
       {"20251228.000000", "20251229.000000", "20251230.000000", "20251231.000000"})
    make_backup(name, 1000);
  ASSERT_TRUE(tree().tidy(30, 2500));
  EXPECT_EQ(backups(), (std::vector<std::string>{"20251230.000000", "20251231.000000"}));
  ASSERT_TRUE(tree().tidy(30, 0));
  EXPECT_TRUE(backups().empty());
}

TEST_F(TidyTest, ABackupIsMeasuredOnce) {
  make_backup("20251230.000000", 1000);
  make_backup("20251231.000000", 1000);
  ASSERT_TRUE(tree().tidy(30, 2500));
  EXPECT_EQ(read(".mikura/backup/.sizes"), "20251230.000000 1000\n20251231.000000 1000\n");
  make_backup("20251230.000000", 5000);
  ASSERT_TRUE(tree().tidy(30, 2500)) << "what is remembered counts";
  EXPECT_EQ(backups().size(), 2U);
  for (const char* damage : {"", "20251230.000000 10", "20251230.000000 10x\n", "nonsense\n",
                             "20251230.000000 99999999999999999999999\n"}) {
    write(".mikura/backup/.sizes", damage);
    make_backup("20251230.000000", 1000);
    ASSERT_TRUE(tree().tidy(30, 2500));
    EXPECT_EQ(read(".mikura/backup/.sizes"), "20251230.000000 1000\n20251231.000000 1000\n")
        << damage;
  }
  write(".mikura/backup/.sizes", "20251231.000000 18446744073709551615\n");
  ASSERT_TRUE(tree().tidy(30, 2500)) << "no overflow";
  EXPECT_TRUE(backups().empty());
}

TEST_F(TidyTest, TheBackupOfThisRunStays) {
  write("f", "old");
  ASSERT_TRUE(tree().remove("f", node("f")));
  clock_.now_ns += 100 * kDayNs;
  ASSERT_TRUE(tree().tidy(30, 0));
  EXPECT_EQ(backup("f"), "old");
  reopen();
  ASSERT_TRUE(tree().tidy(30, 1 << 30));
  EXPECT_TRUE(backups().empty());
}

TEST_F(TidyTest, ASymlinkInABackupIsRemovedAndNotFollowed) {
  const TempFolder outside;
  write_text(outside / "precious", "x");
  make_backup("20251201.000000", 1);
  fs::create_directory_symlink(outside.path(), at(".mikura/backup/20251201.000000/link"));
  fs::create_directory_symlink(outside.path(), at(".mikura/backup/20251202.000000"));
  ASSERT_TRUE(tree().tidy(30, 1 << 30));
  EXPECT_TRUE(backups().empty());
  EXPECT_EQ(read_text(outside / "precious"), "x");
}

TEST_F(TidyTest, TwoRunsInOneSecondHaveTwoBackups) {
  for (const char* expected :
       {".mikura/backup/20260102.030405", ".mikura/backup/20260102.030405.2"}) {
    reopen();
    write("f", expected);
    ASSERT_TRUE(tree().remove("f", node("f")));
    EXPECT_EQ(tree().backup_folder(), expected);
    EXPECT_EQ(backup("f"), expected);
  }
}

TEST_F(TidyTest, WhatAKilledRunLeftBesideItsTargetIsRescuedOrRemoved) {
  write("d/.mikura-tmp-00112233445566aa", "ours, half copied");
  fs::create_symlink("d/new", at(".mikura/tmp/beside-copy-00112233445566aa"));
  write("d/.mikura-tmp-00112233445566bb", "was in the tree");
  fs::create_symlink("d/f", at(".mikura/tmp/beside-swap-00112233445566bb"));
  fs::create_symlink("d/g", at(".mikura/tmp/beside-swap-00112233445566cc"));     // already done
  fs::create_symlink("gone/f", at(".mikura/tmp/beside-swap-00112233445566dd"));  // not mounted now
  fs::create_symlink("../../etc/passwd", at(".mikura/tmp/beside-copy-00112233445566ee"));
  write("d/.mikura-tmp-00112233445566ff", "a person's");
  ASSERT_TRUE(tree().tidy(30, 1 << 30));
  EXPECT_EQ(names_in("d"), std::vector<std::string>{".mikura-tmp-00112233445566ff"});
  EXPECT_EQ(backup("d/f"), "was in the tree");
  EXPECT_EQ(temporaries(), (std::vector<std::string>{"beside-copy-00112233445566ee",
                                                     "beside-swap-00112233445566dd"}));
}

TEST(BesideName, IsThePrefixAndSixteenDigits) {
  EXPECT_TRUE(is_beside_name(".mikura-tmp-0123456789abcdef"));
  for (const char* name :
       {".mikura-tmp-", ".mikura-tmp-0123456789abcde", ".mikura-tmp-0123456789abcdef0",
        ".mikura-tmp-0123456789abcdeF", "mikura-tmp-0123456789abcdef"}) {
    EXPECT_FALSE(is_beside_name(name)) << name;
  }
}

}  // namespace
}  // namespace mikura

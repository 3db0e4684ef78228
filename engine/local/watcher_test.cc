// The watcher of the platform: what is seen, what is not, and what is said when nothing can be.
#include "local/watcher.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "local/watcher_file.h"
#include "local/workspace_folder.h"
#include "testing/temp_folder.h"

namespace mikura {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using Seen = FolderWatcher::Seen;

class WatcherTest : public ::testing::Test {
 protected:
  WatcherTest() {
    fs::create_directories(root / "watched/deep");
    fs::create_directories(root / "ignored");
    EXPECT_TRUE(make_workspace_folder(root.path()));
    watcher = open_folder_watcher(root.path());
    EXPECT_TRUE(watcher->watch({"", "watched", "watched/deep"}));
    EXPECT_EQ(watcher->degraded(), "");
    drain();
  }

  Seen next() { return watcher->wait(2s, {}); }
  Seen soon() { return watcher->wait(30ms, {}); }
  void drain() {
    while (soon() != Seen::nothing) {
    }
  }

  TempFolder root;
  std::unique_ptr<FolderWatcher> watcher;
};

TEST_F(WatcherTest, EveryKindOfChangeIsSeen) {
  write_text(root / "f", "1");
  EXPECT_EQ(next(), Seen::change);
  drain();
  write_text(root / "watched/deep/f", "1");
  EXPECT_EQ(next(), Seen::change);
  drain();
  fs::rename(root / "f", root / "watched/g");
  EXPECT_EQ(next(), Seen::change);
  drain();
  fs::permissions(root / "watched/g", fs::perms::owner_all);
  EXPECT_EQ(next(), Seen::change);
  drain();
  fs::remove(root / "watched/g");
  EXPECT_EQ(next(), Seen::change);
}

TEST_F(WatcherTest, FoldersThatComeGoOrMoveAreToldApart) {
  fs::create_directory(root / "watched/new");
  EXPECT_EQ(next(), Seen::folders);
  drain();
  fs::rename(root / "watched/deep", root / "moved");
  EXPECT_EQ(next(), Seen::folders);
  drain();
  EXPECT_TRUE(watcher->watch({"", "watched", "moved"}));
  drain();
  write_text(root / "moved/f", "1");
  EXPECT_EQ(next(), Seen::change) << "under its new name";
}

TEST_F(WatcherTest, WhatIsIgnoredOrOurOwnIsNotSeen) {
  write_text(root / "ignored/f", "1");
  write_text(root / ".mikura/state", "1");
  write_text(root / ".mikura/tmp/x", "1");
  fs::create_directory(root / ".git");
  write_text(root / ".git/index", "1");
  EXPECT_EQ(soon(), Seen::nothing);
}

TEST_F(WatcherTest, AFolderIsNewOnlyOnceUnlessItWasReplaced) {
  EXPECT_FALSE(watcher->watch({"", "watched", "watched/deep"}));
  EXPECT_TRUE(watcher->watch({"", "watched", "watched/deep", "ignored"}));
  EXPECT_FALSE(watcher->watch({"", "watched", "gone"})) << "what is not there is left out";
  drain();
  write_text(root / "ignored/f", "1");
  EXPECT_EQ(soon(), Seen::nothing) << "no longer watched";
  fs::remove_all(root / "watched");
  fs::create_directory(root / "watched");
  drain();
  EXPECT_TRUE(watcher->watch({"", "watched"}));
}

TEST_F(WatcherTest, ASymlinkOutOfTheFolderIsNotFollowed) {
  TempFolder outside;
  fs::create_directory_symlink(outside.path(), root / "link");
  drain();
  EXPECT_FALSE(watcher->watch({"", "watched", "watched/deep", "link"}));
  write_text(outside / "f", "1");
  EXPECT_EQ(soon(), Seen::nothing);
}

TEST_F(WatcherTest, LostEventsMeanThatEverythingIsLookedAtAnew) {
  // More than the queue holds (fs.inotify.max_queued_events); equal events in a row count as one.
  const long limit =
      std::strtol(read_text("/proc/sys/fs/inotify/max_queued_events").c_str(), nullptr, 10);
  if (limit <= 0 || limit > 100'000) GTEST_SKIP() << "the queue is too long to fill it";
  write_text(root / "a", "1");
  write_text(root / "b", "1");
  for (long i = 0; i < limit; ++i) {
    fs::last_write_time(root / "a", fs::file_time_type::clock::now());
    fs::last_write_time(root / "b", fs::file_time_type::clock::now());
  }
  EXPECT_EQ(next(), Seen::folders);
}

TEST_F(WatcherTest, AStopEndsTheWaiting) {
  std::stop_source stop;
  const auto start = std::chrono::steady_clock::now();
  std::jthread stopper([&] {
    std::this_thread::sleep_for(20ms);
    stop.request_stop();
  });
  EXPECT_EQ(watcher->wait(60s, stop.get_token()), Seen::nothing);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 30s);
}

// --- The file that tells others ---

TEST(WatcherFile, TellsOthersWhatItsWriterSaid) {
  TempFolder root;
  ASSERT_TRUE(make_workspace_folder(root.path()));
  EXPECT_EQ(read_watcher_file(root.path()), std::nullopt);
  WatcherInfo info;
  info.program = "mikura 1.2.3";
  info.since_ms = 1'790'000'000'000;
  info.activity = "offline";
  info.last_sync_ms = 1'790'000'000'123;
  info.generation = 17;
  info.problem_code = "transient";
  info.problem = "two\nlines";
  info.degraded = "too many folders";
  ASSERT_TRUE(write_watcher_file(root.path(), info));
  info.pid = ::getpid();
  info.problem = "two lines";
  EXPECT_EQ(read_watcher_file(root.path()), info);
  remove_watcher_file(root.path());
  EXPECT_FALSE(fs::exists(root / ".mikura/watcher"));
}

TEST(WatcherFile, OfAProcessThatIsGoneOrWhoseIdIsAnothersNowSaysNothing) {
  TempFolder root;
  ASSERT_TRUE(make_workspace_folder(root.path()));
  ASSERT_TRUE(write_watcher_file(root.path(), {}));
  const std::string text = read_text(root / ".mikura/watcher");
  const std::string pid = "pid " + std::to_string(::getpid()) + "\n";
  ASSERT_TRUE(text.starts_with(pid));
  for (const std::string& other :
       {std::string("pid 999999999\n"), std::string("pid 1\n"), std::string("pid -4\n"),
        std::string("pid x\n"), std::string()}) {
    write_text(root / ".mikura/watcher", other + text.substr(pid.size()));
    EXPECT_EQ(read_watcher_file(root.path()), std::nullopt) << other;
  }
  remove_watcher_file(root.path());
  EXPECT_TRUE(fs::exists(root / ".mikura/watcher")) << "another one's file";
}

}  // namespace
}  // namespace mikura

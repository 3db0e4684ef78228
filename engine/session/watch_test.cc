// The watch: the threads around the state machine, with a watcher and rounds that the test owns;
// and once everything for real, on a folder and a repository.
#include "session/watch.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>

#include "base/guarded.h"
#include "local/watcher_file.h"
#include "session/session.h"
#include "session/watch_folder.h"
#include "testing/temp_folder.h"

namespace mikura {
namespace {

using namespace std::chrono_literals;

// Waits until something that another thread does has happened.
class Signal {
 public:
  void raise() {
    const std::lock_guard lock(mutex_);
    ++count_;
    raised_.notify_all();
  }
  bool wait_for(int count) {
    std::unique_lock lock(mutex_);
    return raised_.wait_for(lock, 20s, [&] { return count_ >= count; });
  }
  int count() {
    const std::lock_guard lock(mutex_);
    return count_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable raised_;
  int count_ = 0;
};

class FakeWatcher final : public FolderWatcher {
 public:
  Seen wait(std::chrono::milliseconds at_most, std::stop_token stop) override {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, at_most, [&] { return woken_ || seen_ != Seen::nothing; });
    woken_ = false;
    return std::exchange(seen_, Seen::nothing);
  }
  bool watch(const std::vector<std::string>& folders) override {
    const std::lock_guard lock(mutex_);
    const bool is_new = folders != folders_;
    folders_ = folders;
    return is_new;
  }
  std::string degraded() const override {
    const std::lock_guard lock(mutex_);
    return degraded_;
  }

  void degrade(std::string why) {
    const std::lock_guard lock(mutex_);
    degraded_ = std::move(why);
  }
  // Its nap ends, and nothing was seen.
  void wake() {
    const std::lock_guard lock(mutex_);
    woken_ = true;
    changed_.notify_all();
  }
  void see(Seen seen) {
    const std::lock_guard lock(mutex_);
    seen_ = seen;
    changed_.notify_all();
  }
  std::vector<std::string> folders() {
    const std::lock_guard lock(mutex_);
    return folders_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::string degraded_;
  bool woken_ = false;
  Seen seen_ = Seen::nothing;
  std::vector<std::string> folders_;
};

// The system's, with hours that pass at once.
class LeapingClock final : public Clock {
 public:
  std::int64_t unix_ns() override { return system_clock().unix_ns() + leapt_.load().count(); }
  std::chrono::nanoseconds monotonic() override {
    return system_clock().monotonic() + leapt_.load();
  }
  bool sleep_for(std::chrono::nanoseconds duration, std::stop_token stop) override {
    return system_clock().sleep_for(duration, stop);
  }
  void leap(std::chrono::nanoseconds by) { leapt_ = leapt_.load() + by; }

 private:
  std::atomic<std::chrono::nanoseconds> leapt_{};
};

AutoSyncSettings quick() {
  AutoSyncSettings settings;
  settings.quiet = 10ms;
  settings.max_wait = 200ms;
  return settings;
}

class WatchTest : public ::testing::Test {
 protected:
  std::unique_ptr<Watch> start(const AutoSyncSettings& settings = quick()) {
    auto owned = std::make_unique<FakeWatcher>();
    watcher = owned.get();
    WatchHooks hooks;
    hooks.sync = [this](std::stop_token stop) -> Result<SyncReport> {
      syncs.raise();
      if (blocks) {
        while (!stop.stop_requested())
          std::this_thread::sleep_for(1ms);
        return Error(Code::cancelled, "stopped");
      }
      if (error) return *error;
      return SyncReport{};
    };
    hooks.check = [](std::stop_token) -> Result<bool> { return false; };
    hooks.folders = [this](std::stop_token) -> Result<std::vector<std::string>> {
      looks.raise();
      return std::vector<std::string>{"", "a"};
    };
    hooks.changed = [this](const WatchState& state) {
      states.with([&](auto& all) { all.push_back(state); });
    };
    return Watch::start(std::move(owned), settings, std::move(hooks), clock, 1);
  }

  LeapingClock clock;
  Signal syncs, looks;
  bool blocks = false;
  std::optional<Error> error;
  FakeWatcher* watcher = nullptr;
  Guarded<std::vector<WatchState>> states;
};

TEST_F(WatchTest, ItSyncsAtOnceAndAgainForWhatHappenedBeforeTheFoldersWereWatched) {
  const auto watch = start();
  EXPECT_TRUE(syncs.wait_for(2));
  EXPECT_EQ(watcher->folders(), (std::vector<std::string>{"", "a"}));
}

TEST_F(WatchTest, AChangeIsFollowedByARoundAndNewFoldersByALook) {
  const auto watch = start();
  ASSERT_TRUE(syncs.wait_for(2));
  watcher->see(FolderWatcher::Seen::change);
  EXPECT_TRUE(syncs.wait_for(3));
  watch->hint();
  EXPECT_TRUE(syncs.wait_for(4));
  const int looked = looks.count();
  watcher->see(FolderWatcher::Seen::folders);
  EXPECT_TRUE(syncs.wait_for(5));
  EXPECT_TRUE(looks.wait_for(looked + 1));
}

TEST_F(WatchTest, ItTellsEachStateOnceAndInOrder) {
  auto watch = start();
  ASSERT_TRUE(syncs.wait_for(2));
  watch->pause(std::nullopt);
  watch.reset();
  const auto all = states.with([](auto& told) { return told; });
  ASSERT_GE(all.size(), 2U);
  for (std::size_t i = 1; i < all.size(); ++i)
    EXPECT_FALSE(all[i] == all[i - 1]);
  EXPECT_EQ(all.front().sync.activity, AutoActivity::syncing);
}

TEST_F(WatchTest, AProblemThatStaysStopsItUntilResumed) {
  error = Error(Code::wrong_key, "no").with_hint("bring the right one");
  const auto watch = start();
  ASSERT_TRUE(syncs.wait_for(1));
  watcher->see(FolderWatcher::Seen::change);
  std::this_thread::sleep_for(50ms);
  EXPECT_EQ(syncs.count(), 1);
  EXPECT_EQ(watch->state().sync.activity, AutoActivity::stopped);
  watch->resume();
  EXPECT_TRUE(syncs.wait_for(2));
}

TEST_F(WatchTest, EndingItCutsARoundOffAndWaitsForIt) {
  blocks = true;
  auto watch = start();
  ASSERT_TRUE(syncs.wait_for(1));
  const auto start = std::chrono::steady_clock::now();
  watch.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
  const int done = syncs.count();
  std::this_thread::sleep_for(20ms);
  EXPECT_EQ(syncs.count(), done);
}

// The system watches only so many folders.
TEST_F(WatchTest, WhereNotAllCanBeWatchedItLooksFromTimeToTimeAndSaysSoOnce) {
  auto watch = start();
  ASSERT_TRUE(syncs.wait_for(2));
  watcher->degrade("the limit is reached");
  const int before = syncs.count();
  for (int i = 1; i <= 3; ++i) {
    clock.leap(31s);
    watcher->wake();
    ASSERT_TRUE(syncs.wait_for(before + i)) << "a look every 30 seconds";
  }
  EXPECT_EQ(watch->state().degraded, "the limit is reached");
  watch.reset();
  const auto all = states.with([](auto& told) { return told; });
  int changes = 0;
  for (std::size_t i = 1; i < all.size(); ++i)
    changes += all[i].degraded != all[i - 1].degraded ? 1 : 0;
  EXPECT_EQ(changes, 1);
}

// --- For real ---

class RealWatchTest : public ::testing::Test {
 protected:
  Environment environment(const TempFolder& client) {
    Environment environment;
    environment.client_folder = client.path();
    environment.author = "tester@machine";
    environment.device_name = "machine";
    environment.program = "mikura test";
    environment.key = [](const KeyRequest&) -> Result<KeySource> {
      ByteArray<32> bytes;
      bytes.fill(std::byte{7});
      return KeySource::key(UserKey(bytes));
    };
    return environment;
  }

  TempFolder store, client_a, client_b, a, b;
};

TEST_F(RealWatchTest, WhatIsSavedHereArrivesThereAndOthersSeeThatItIsWatched) {
  const std::string url = "file://" + store.path();
  write_text(a / "first", "1");
  ASSERT_TRUE(init_repository({url, a.path()}, environment(client_a), {}));
  ASSERT_TRUE(link_folder({url, b.path()}, environment(client_b), {}));
  const auto session_a = *Session::open(a.path(), environment(client_a));
  const auto session_b = *Session::open(b.path(), environment(client_b));
  Signal synced;
  AutoSyncSettings settings = quick();
  auto watch =
      watch_folder(*session_a, settings, environment(client_a), [&](const WatchState& state) {
        if (state.sync.last_sync) synced.raise();
      });
  ASSERT_TRUE(watch) << watch.error().message();
  ASSERT_TRUE(synced.wait_for(1));
  EXPECT_TRUE(
      watch_folder(*session_a, settings, environment(client_a), {}).failed_with(Code::busy));
  const auto info = read_watcher_file(a.path());
  ASSERT_TRUE(info);
  EXPECT_EQ(info->pid, ::getpid());
  EXPECT_EQ(info->program, "mikura test");

  // A new folder, with a file that comes after it is there.
  std::filesystem::create_directories(a / "new/deep");
  std::this_thread::sleep_for(300ms);
  write_text(a / "new/deep/second", "2");
  bool arrived = false;
  for (int i = 0; i < 200 && !arrived; ++i) {
    ASSERT_TRUE(session_b->sync({}, {}));
    arrived = std::filesystem::exists(b / "new/deep/second");
    if (!arrived) std::this_thread::sleep_for(50ms);
  }
  EXPECT_TRUE(arrived);
  EXPECT_EQ(read_text(b / "first"), "1");
  watch->reset();
  EXPECT_EQ(read_watcher_file(a.path()), std::nullopt);
}

}  // namespace
}  // namespace mikura

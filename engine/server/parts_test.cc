// Workers, secrets and folder states, each alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <mutex>
#include <semaphore>
#include <thread>
#include <vector>

#include "crypto/user_key.h"
#include "server/folder_states.h"
#include "server/secrets.h"
#include "server/workers.h"

namespace mikura {
namespace {

using ::testing::ElementsAre;

TEST(Workers, OneAtOnceIsAStrand) {
  std::vector<int> order;
  std::latch done(3);
  Workers workers(1);
  for (int i = 0; i < 3; ++i) {
    workers.post([&, i] {
      order.push_back(i);
      done.count_down();
    });
  }
  done.wait();
  EXPECT_THAT(order, ElementsAre(0, 1, 2));
}

TEST(Workers, NoMoreRunAtOnceThanAllowed) {
  std::atomic<int> running = 0;
  std::atomic<int> most = 0;
  std::latch done(40);
  Workers workers(3);
  for (int i = 0; i < 40; ++i) {
    workers.post([&] {
      const int now = ++running;
      int seen = most;
      while (now > seen && !most.compare_exchange_weak(seen, now)) {
      }
      std::this_thread::yield();
      --running;
      done.count_down();
    });
  }
  done.wait();
  EXPECT_LE(most, 3);
  EXPECT_GE(most, 1);
}

TEST(Workers, ATaskThatWaitsForAPersonGivesItsTurnAway) {
  std::binary_semaphore answered(0);
  std::binary_semaphore other_ran(0);
  Workers workers(1);
  workers.post([&] {
    const Workers::Pause pause(workers);
    answered.acquire();
  });
  workers.post([&] { other_ran.release(); });
  EXPECT_TRUE(other_ran.try_acquire_for(std::chrono::seconds(20)));
  answered.release();
}

TEST(Workers, WhatHasNotBegunNeverRunsAfterTheEnd) {
  std::atomic<int> ran = 0;
  std::binary_semaphore begun(0);
  {
    Workers workers(1);
    workers.post([&] {
      begun.release();
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      ++ran;
    });
    begun.acquire();
    workers.post([&] { ++ran; });
  }
  EXPECT_EQ(ran, 1);
}

KeySource a_key() {
  return KeySource::key(generate_user_key(system_random()));
}

RepositoryId repository(unsigned char number) {
  RepositoryId id;
  id.mutable_bytes()[0] = std::byte{number};
  return id;
}

TEST(Secrets, OneAsksAndTheOthersWaitForWhatItGets) {
  Secrets secrets;
  std::atomic<int> asked = 0;
  std::vector<std::jthread> callers;
  std::atomic<int> given = 0;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&] {
      const auto got = secrets.get(repository(1), {}, [&]() -> Result<std::optional<KeySource>> {
        ++asked;
        std::this_thread::sleep_for(std::chrono::milliseconds(30));
        return std::optional<KeySource>(a_key());
      });
      if (got && *got) ++given;
    });
  }
  callers.clear();
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(given, 8);
}

TEST(Secrets, ThatNobodyCanGiveItCountsForAllWhoWait) {
  Secrets secrets;
  std::atomic<int> asked = 0;
  std::atomic<int> refused = 0;
  std::latch all_there(4);
  std::vector<std::jthread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      all_there.count_down();
      const auto got = secrets.get(repository(1), {}, [&]() -> Result<std::optional<KeySource>> {
        ++asked;
        all_there.wait();
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        return std::optional<KeySource>();
      });
      if (got && !*got) ++refused;
    });
  }
  callers.clear();
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(refused, 4);
  // A call that comes later asks anew.
  static_cast<void>(secrets.get(repository(1), {}, [&]() -> Result<std::optional<KeySource>> {
    ++asked;
    return std::optional<KeySource>();
  }));
  EXPECT_EQ(asked, 2);
}

TEST(Secrets, WhenTheOneWhoAsksGivesUpTheNextOneAsks) {
  Secrets secrets;
  std::stop_source stop;
  std::binary_semaphore asking(0);
  std::jthread first([&] {
    const auto got =
        secrets.get(repository(1), stop.get_token(), [&]() -> Result<std::optional<KeySource>> {
          asking.release();
          while (!stop.stop_requested())
            std::this_thread::yield();
          return Error(Code::cancelled, "cancelled");
        });
    EXPECT_TRUE(got.failed_with(Code::cancelled));
  });
  asking.acquire();
  std::jthread second([&] {
    const auto got = secrets.get(repository(1), {}, []() -> Result<std::optional<KeySource>> {
      return std::optional<KeySource>(a_key());
    });
    EXPECT_TRUE(got && got->has_value());
  });
  stop.request_stop();
}

TEST(Secrets, AWaitIsEndedByAStop) {
  Secrets secrets;
  std::stop_source stop;
  std::binary_semaphore asking(0);
  std::binary_semaphore answer(0);
  std::jthread asker([&] {
    static_cast<void>(secrets.get(repository(1), {}, [&]() -> Result<std::optional<KeySource>> {
      asking.release();
      answer.acquire();
      return std::optional<KeySource>();
    }));
  });
  asking.acquire();
  stop.request_stop();
  const auto got = secrets.get(
      repository(1), stop.get_token(),
      []() -> Result<std::optional<KeySource>> { return std::optional<KeySource>(a_key()); });
  EXPECT_TRUE(got.failed_with(Code::cancelled));
  answer.release();
}

TEST(Secrets, DroppingSparesTheKeyThatTookItsPlace) {
  Secrets secrets;
  const auto ask = []() -> Result<std::optional<KeySource>> {
    return std::optional<KeySource>(a_key());
  };
  const auto first = secrets.get(repository(1), {}, ask);
  ASSERT_TRUE(first && *first);
  secrets.keep(repository(1), a_key());
  secrets.drop(repository(1), (*first)->generation);
  EXPECT_TRUE(secrets.knows(repository(1)));
  EXPECT_FALSE(secrets.knows(repository(2)));
  secrets.forget(repository(1));
  EXPECT_FALSE(secrets.knows(repository(1)));
}

class Sent {
 public:
  void add(Json state) {
    const std::lock_guard lock(mutex_);
    states_.push_back(std::move(state));
    changed_.notify_all();
  }
  // Waits for so many and returns them.
  std::vector<Json> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(20), [&] { return states_.size() >= count; });
    return states_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Json> states_;
};

TEST(FolderStates, ManyChangesAreSentAsFew) {
  Sent sent;
  const auto began = std::chrono::steady_clock::now();
  {
    FolderStates states([&](Json state) { sent.add(std::move(state)); });
    states.open("/p");
    for (int i = 0; i < 100; ++i) {
      states.update("/p", [](FolderState& state) { ++state.revision; });
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    states.update("/not open", [](FolderState& state) { ++state.revision; });
    // The last one is sent, however many were left out.
    for (;;) {
      const auto states_sent = sent.wait_for(1);
      if (states_sent.back()["revision"] == 101) break;
      ASSERT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(20));
      std::this_thread::yield();
    }
  }
  const auto elapsed = std::chrono::steady_clock::now() - began;
  const auto most = 2 + static_cast<std::size_t>(elapsed / std::chrono::milliseconds(250));
  EXPECT_LE(sent.wait_for(1).size(), most);
}

TEST(FolderStates, WhatChangesAFolderIsShownRatherThanALook) {
  Sent sent;
  FolderStates states([&](Json state) { sent.add(std::move(state)); });
  states.open("/p");
  EXPECT_EQ(sent.wait_for(1).back()["activity"], "idle");
  const FolderStates::Doing syncing(states, "/p", Activity::syncing);
  {
    const FolderStates::Doing checking(states, "/p", Activity::checking);
    EXPECT_EQ(sent.wait_for(2).back()["activity"], "syncing");
  }
  states.update("/p", [](FolderState& state) { ++state.revision; });
  EXPECT_EQ(sent.wait_for(3).back()["activity"], "syncing");
}

}  // namespace
}  // namespace mikura

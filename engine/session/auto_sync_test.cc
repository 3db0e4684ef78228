// When to sync by itself: days of use in milliseconds, with a clock that the test sets.
#include "session/auto_sync.h"

#include <gtest/gtest.h>

#include <vector>

namespace mikura {
namespace {

using namespace std::chrono_literals;
using What = AutoSync::What;

// A machine, its clocks, and what it was told to do.
class AutoSyncTest : public ::testing::Test {
 protected:
  AutoSyncTest() : sync(settings(), now(), 7) {
    // The round that begins every watch.
    EXPECT_EQ(sync.next(now()).what, What::sync);
    sync.round_finished({}, now());
  }

  static AutoSyncSettings settings() { return {}; }
  Moment now() const { return {time, wall_ms}; }
  void pass(std::chrono::nanoseconds duration) {
    time += duration;
    wall_ms += duration / 1ms;
  }

  // Lets time pass until a round begins, but no longer than `limit`. Returns what began.
  What run_until_round(std::chrono::nanoseconds limit) {
    const auto end = time + limit;
    for (;;) {
      const AutoSync::Next next = sync.next(now());
      if (next.what != What::nothing) return next.what;
      if (!next.at || *next.at > end) {
        pass(end - time);
        return What::nothing;
      }
      pass(std::max<std::chrono::nanoseconds>(*next.at - time, 1ns));
    }
  }

  static RoundOutcome failed(Code code) {
    RoundOutcome outcome;
    outcome.error = Error(code, "it failed");
    return outcome;
  }

  AutoActivity activity() const { return sync.state(now()).activity; }

  std::chrono::nanoseconds time = 1000s;
  std::int64_t wall_ms = 1'790'000'000'000;
  AutoSync sync;
};

TEST_F(AutoSyncTest, AChangeIsSyncedOnceItHasSettled) {
  sync.change_seen(now());
  EXPECT_EQ(activity(), AutoActivity::waiting);
  const auto start = time;
  EXPECT_EQ(run_until_round(1h), What::sync);
  EXPECT_EQ(time - start, 2s);
  EXPECT_EQ(activity(), AutoActivity::syncing);
  sync.round_finished({}, now());
  EXPECT_EQ(activity(), AutoActivity::idle);
  EXPECT_EQ(run_until_round(4min), What::nothing) << "one change, one round";
}

TEST_F(AutoSyncTest, ChangesThatGoOnAreSyncedAfterTheLongestWait) {
  const auto start = time;
  while (sync.next(now()).what == What::nothing) {
    sync.change_seen(now());
    pass(500ms);
    ASSERT_LT(time - start, 1min);
  }
  EXPECT_GE(time - start, 30s);
  EXPECT_LE(time - start, 31s);
}

TEST_F(AutoSyncTest, AChangeDuringARoundIsFollowedByAnother) {
  sync.change_seen(now());
  ASSERT_EQ(run_until_round(1min), What::sync);
  pass(1s);
  sync.change_seen(now());
  EXPECT_EQ(sync.next(now()).what, What::nothing) << "one round at a time";
  pass(10s);
  sync.round_finished({}, now());
  EXPECT_EQ(run_until_round(3s), What::sync);
}

TEST_F(AutoSyncTest, TheRepositoryIsAskedAtTheIntervalWithJitter) {
  std::vector<std::chrono::nanoseconds> gaps;
  for (int i = 0; i < 20; ++i) {
    const auto start = time;
    ASSERT_EQ(run_until_round(1h), What::check);
    gaps.push_back(time - start);
    sync.round_finished({}, now());
  }
  for (const auto gap : gaps) {
    EXPECT_GE(gap, 270s);
    EXPECT_LE(gap, 330s);
  }
  EXPECT_NE(gaps[0], gaps[1]);
}

TEST_F(AutoSyncTest, NewsFromTheRepositoryAreBroughtAtOnce) {
  ASSERT_EQ(run_until_round(1h), What::check);
  RoundOutcome outcome;
  outcome.remote_has_news = true;
  sync.round_finished(outcome, now());
  EXPECT_EQ(sync.next(now()).what, What::sync);
}

TEST_F(AutoSyncTest, AskingDoesNotForgetAChangeThatStillSettles) {
  ASSERT_EQ(run_until_round(200s), What::nothing);
  for (int i = 0; i < 40 && sync.next(now()).what == What::nothing; ++i) {
    pass(5s);
    if (i % 4 == 0) sync.change_seen(now());
    const auto next = sync.next(now());
    if (next.what == What::check) {
      sync.change_seen(now());
      sync.round_finished({}, now());
      EXPECT_EQ(run_until_round(5s), What::sync);
      return;
    }
    if (next.what == What::sync) sync.round_finished({}, now());
  }
}

TEST_F(AutoSyncTest, OfflineItTriesMoreAndMoreSeldomAndComesBackByItself) {
  sync.change_seen(now());
  std::vector<std::chrono::nanoseconds> gaps;
  for (int i = 0; i < 14; ++i) {
    const auto start = time;
    ASSERT_EQ(run_until_round(1h), What::sync) << i;
    if (i > 0) gaps.push_back(time - start);
    sync.round_finished(failed(Code::transient), now());
    EXPECT_EQ(activity(), AutoActivity::offline);
  }
  EXPECT_LT(gaps.front(), 3s);
  for (std::size_t i = 1; i < 7; ++i)
    EXPECT_GT(gaps[i], gaps[i - 1]);
  EXPECT_LE(gaps.back(), 330s);
  EXPECT_GE(gaps.back(), 270s);
  ASSERT_EQ(run_until_round(1h), What::sync);
  sync.round_finished({}, now());
  EXPECT_EQ(activity(), AutoActivity::idle);
  EXPECT_EQ(sync.state(now()).problem, std::nullopt);
  // The next failure begins with short delays again.
  sync.change_seen(now());
  ASSERT_EQ(run_until_round(1min), What::sync);
  sync.round_finished(failed(Code::transient), now());
  EXPECT_EQ(run_until_round(3s), What::sync);
}

TEST_F(AutoSyncTest, ADayOfflineCostsFewRequests) {
  int rounds = 0;
  const auto end = time + 24h;
  sync.change_seen(now());
  while (time < end) {
    sync.change_seen(now());
    if (run_until_round(std::min<std::chrono::nanoseconds>(end - time, 1h)) == What::nothing)
      continue;
    ++rounds;
    sync.round_finished(failed(Code::transient), now());
  }
  EXPECT_GT(rounds, 200);
  EXPECT_LT(rounds, 400) << "editing on does not hurry it";
}

TEST_F(AutoSyncTest, TheServersWishToBeLeftAloneIsHonoured) {
  sync.change_seen(now());
  ASSERT_EQ(run_until_round(1min), What::sync);
  RoundOutcome outcome;
  outcome.error = Error(Code::transient, "slow down").with_retry_after(60s);
  sync.round_finished(outcome, now());
  EXPECT_EQ(run_until_round(59s), What::nothing);
  EXPECT_EQ(run_until_round(2s), What::sync);
}

TEST_F(AutoSyncTest, WhatWillNotGoAwayStopsEverythingUntilSomebodyActs) {
  for (const Code code : {Code::denied, Code::no_credentials, Code::wrong_key, Code::corrupt,
                          Code::rollback, Code::refused, Code::unsupported, Code::invalid}) {
    sync.change_seen(now());
    ASSERT_EQ(run_until_round(1min), What::sync);
    sync.round_finished(failed(code), now());
    EXPECT_EQ(activity(), AutoActivity::stopped);
    ASSERT_TRUE(sync.state(now()).problem);
    EXPECT_FALSE(sync.state(now()).problem->retryable);
    sync.change_seen(now());
    EXPECT_EQ(run_until_round(24h), What::nothing);
    sync.resume(now());
    ASSERT_EQ(sync.next(now()).what, What::sync);
    sync.round_finished({}, now());
    EXPECT_EQ(activity(), AutoActivity::idle);
  }
}

TEST_F(AutoSyncTest, ARunByHandEndsAStopAndTellsWhatIsWrong) {
  sync.ran_by_hand(failed(Code::wrong_key), now());
  EXPECT_EQ(activity(), AutoActivity::stopped);
  sync.ran_by_hand(failed(Code::cancelled), now());
  EXPECT_EQ(activity(), AutoActivity::stopped) << "a cancelled run says nothing";
  RoundOutcome good;
  good.done.generation = 5;
  sync.ran_by_hand(good, now());
  EXPECT_EQ(activity(), AutoActivity::idle);
  EXPECT_EQ(sync.state(now()).last_sync->generation, 5U);
  EXPECT_EQ(sync.state(now()).last_sync->at_ms, wall_ms);
}

TEST_F(AutoSyncTest, WhileAnotherProcessWorksItTriesAgainSoon) {
  sync.change_seen(now());
  ASSERT_EQ(run_until_round(1min), What::sync);
  sync.round_finished(failed(Code::busy), now());
  EXPECT_EQ(activity(), AutoActivity::waiting);
  EXPECT_TRUE(sync.state(now()).problem->retryable);
  EXPECT_EQ(run_until_round(3s), What::sync);
}

TEST_F(AutoSyncTest, PausedItDoesNothingAndLosesNoChange) {
  sync.pause(now(), 600s);
  sync.change_seen(now());
  EXPECT_EQ(activity(), AutoActivity::paused);
  EXPECT_EQ(sync.state(now()).paused_until_ms, wall_ms + 600'000);
  EXPECT_EQ(run_until_round(599s), What::nothing);
  EXPECT_EQ(run_until_round(2s), What::sync);
  sync.round_finished({}, now());
  sync.pause(now(), std::nullopt);
  sync.change_seen(now());
  EXPECT_EQ(run_until_round(24h), What::nothing);
  sync.resume(now());
  EXPECT_EQ(sync.next(now()).what, What::sync);
}

// The monotonic clock stands still while the machine sleeps.
TEST_F(AutoSyncTest, AfterASleepTheRepositoryIsAskedAtOnce) {
  ASSERT_EQ(run_until_round(100s), What::nothing);
  wall_ms += 8 * 3'600'000;
  EXPECT_EQ(sync.next(now()).what, What::check);
  sync.round_finished({}, now());
  sync.change_seen(now());
  ASSERT_EQ(run_until_round(1min), What::sync);
  for (int i = 0; i < 9; ++i) {
    sync.round_finished(failed(Code::transient), now());
    ASSERT_EQ(run_until_round(1h), What::sync);
  }
  sync.round_finished(failed(Code::transient), now());
  wall_ms += 3'600'000;
  EXPECT_EQ(sync.next(now()).what, What::sync) << "a long delay does not outlive the sleep";
}

TEST_F(AutoSyncTest, AClockThatIsSetBackStopsNothing) {
  sync.change_seen(now());
  wall_ms -= 365LL * 24 * 3'600'000;
  EXPECT_EQ(run_until_round(3s), What::sync);
  sync.round_finished({}, now());
  wall_ms -= 1'000'000;
  EXPECT_EQ(run_until_round(331s), What::check);
}

TEST_F(AutoSyncTest, LookingOnlyNeverSyncs) {
  AutoSyncSettings look = settings();
  look.sync = false;
  sync.configure(look, now());
  sync.change_seen(now());
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(run_until_round(1h), What::check);
    RoundOutcome outcome;
    outcome.remote_has_news = true;
    sync.round_finished(outcome, now());
  }
}

TEST_F(AutoSyncTest, NothingIsDoneByItselfIfNothingIsAskedFor) {
  AutoSyncSettings quiet = settings();
  quiet.on_change = false;
  quiet.poll = 0s;
  sync.configure(quiet, now());
  sync.change_seen(now());
  EXPECT_EQ(run_until_round(24h * 7), What::nothing);
  EXPECT_EQ(sync.state(now()).next_ms, std::nullopt);
}

// A week on a network that fails every third time, with edits all day: nobody needs to act, and
// no edit waits for long once the network is there.
TEST_F(AutoSyncTest, AWeekOnAFlakyNetworkNeedsNobody) {
  std::uint64_t random = 1;
  const auto draw = [&](std::uint64_t below) {
    random = random * 6364136223846793005ULL + 1442695040888963407ULL;
    return (random >> 33) % below;
  };
  std::optional<std::chrono::nanoseconds> oldest;
  std::chrono::nanoseconds longest{0};
  int rounds = 0;
  const auto end = time + 24h * 7;
  while (time < end) {
    pass(std::chrono::seconds(1 + draw(20)));
    if (draw(50) == 0) wall_ms += 3'600'000;
    if (draw(10) == 0) {
      sync.change_seen(now());
      if (!oldest) oldest = time;
    }
    const What what = sync.next(now()).what;
    if (what == What::nothing) continue;
    ++rounds;
    pass(std::chrono::milliseconds(100 + draw(3000)));
    const bool fails = draw(3) == 0;
    sync.round_finished(fails ? failed(Code::transient) : RoundOutcome{}, now());
    if (fails || what != What::sync) continue;
    if (oldest) longest = std::max(longest, time - *oldest);
    oldest.reset();
  }
  EXPECT_NE(activity(), AutoActivity::stopped);
  EXPECT_LT(longest, 20min) << "seven failures in a row happen once in 2,000 times";
  EXPECT_GT(rounds, 1000);
}

}  // namespace
}  // namespace mikura

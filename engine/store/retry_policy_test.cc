#include "store/retry_policy.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <vector>

namespace mikura {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr double kAlmostOne = 0.999999999;

nanoseconds longest(unsigned failed_attempts, const RetryPolicy& policy = {}) {
  return retry_delay(policy, failed_attempts, kAlmostOne, nanoseconds(0)).value();
}

TEST(RetryDelay, DoublesUpToTheCap) {
  const RetryPolicy policy{.max_attempts = 100};
  EXPECT_NEAR(static_cast<double>(longest(1, policy).count()), 1e8, 1e3);
  EXPECT_NEAR(static_cast<double>(longest(2, policy).count()), 2e8, 1e3);
  EXPECT_NEAR(static_cast<double>(longest(5, policy).count()), 16e8, 1e3);
  EXPECT_NEAR(static_cast<double>(longest(9, policy).count()), 2e10, 1e3);
  EXPECT_NEAR(static_cast<double>(longest(99, policy).count()), 2e10, 1e3);
}

TEST(RetryDelay, HasFullJitter) {
  EXPECT_EQ(retry_delay({}, 4, 0, nanoseconds(0)), nanoseconds(0));
  EXPECT_EQ(retry_delay({}, 4, 0.5, nanoseconds(0)), milliseconds(400));
}

TEST(RetryDelay, GivesUpAfterTheLastAttempt) {
  const RetryPolicy policy{.max_attempts = 3};
  EXPECT_TRUE(retry_delay(policy, 2, 0, nanoseconds(0)));
  EXPECT_FALSE(retry_delay(policy, 3, 0, nanoseconds(0)));
  EXPECT_FALSE(retry_delay({.max_attempts = 1}, 1, 0, nanoseconds(0)));
}

TEST(RetryDelay, WaitsAsLongAsTheServerAsksButNotForEver) {
  EXPECT_EQ(retry_delay({}, 1, 0, seconds(7)), seconds(7));
  EXPECT_EQ(retry_delay({}, 1, 0, seconds(60)), seconds(60));
  EXPECT_FALSE(retry_delay({}, 1, 0, seconds(61)));
}

RC_GTEST_PROP(RetryDelay, IsNeverMoreThanTheCapNorLessThanAsked, ()) {
  const RetryPolicy policy;
  const auto failed = *rc::gen::inRange(1U, 8U);
  const double chance = *rc::gen::inRange(0, 1'000'000) / 1e6;
  const nanoseconds asked = milliseconds(*rc::gen::inRange(0, 60'001));
  const auto delay = retry_delay(policy, failed, chance, asked);
  RC_ASSERT(delay.has_value());
  RC_ASSERT(*delay >= asked);
  RC_ASSERT(*delay <= std::max(policy.max_delay, asked + policy.first_delay));
}

TEST(RetryBudget, LetsABurstThroughAndPacesTheRest) {
  const RetryPolicy policy{.burst = 3, .retries_per_second = 10};
  RetryBudget budget;
  const nanoseconds now = seconds(1000);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(budget.take(policy, now), nanoseconds(0)) << i;
  EXPECT_EQ(budget.take(policy, now), milliseconds(100));
  EXPECT_EQ(budget.take(policy, now), milliseconds(200));
  // Ten seconds later it is full again.
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(budget.take(policy, now + seconds(10)), nanoseconds(0)) << i;
}

TEST(RetryBudget, GivesUpInsteadOfQueueingForLong) {
  const RetryPolicy policy{.max_delay = seconds(1), .burst = 1, .retries_per_second = 10};
  RetryBudget budget;
  unsigned granted = 0;
  while (budget.take(policy, seconds(5)) && granted < 1000)
    ++granted;
  EXPECT_EQ(granted, 11U);
  EXPECT_TRUE(budget.take(policy, seconds(5) + milliseconds(100))) << "a refusal must take nothing";
}

RC_GTEST_PROP(RetryBudget, NeverExceedsItsRate, ()) {
  const RetryPolicy policy{.burst = static_cast<double>(*rc::gen::inRange(1, 20)),
                           .retries_per_second = static_cast<double>(*rc::gen::inRange(1, 100))};
  RetryBudget budget;
  nanoseconds now = seconds(1);
  std::vector<nanoseconds> turns;
  for (const int step : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 200))) {
    now += milliseconds(step);
    if (const auto wait = budget.take(policy, now)) turns.push_back(now + *wait);
  }
  for (std::size_t first = 0; first < turns.size(); ++first) {
    for (std::size_t last = first; last < turns.size(); ++last) {
      const double span = std::chrono::duration<double>(turns[last] - turns[first]).count();
      RC_ASSERT(static_cast<double>(last - first + 1) <=
                policy.burst + span * policy.retries_per_second + 1.001);
    }
  }
}

}  // namespace
}  // namespace mikura

#include "base/task_group.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "base/clock.h"

namespace mikura {
namespace {

TEST(ForEachBounded, RunsEveryItemOnce) {
  for (const unsigned workers : {0U, 1U, 4U}) {
    std::vector<std::atomic<int>> seen(1000);
    const auto result =
        for_each_bounded(seen.size(), workers, {}, [&](std::size_t i, std::stop_token) {
          ++seen[i];
          return Result<void>();
        });
    EXPECT_TRUE(result);
    for (const auto& count : seen)
      EXPECT_EQ(count, 1);
  }
}

TEST(ForEachBounded, FirstErrorStopsTheRestAndIsReturned) {
  std::atomic<int> started = 0;
  const auto result =
      for_each_bounded(100000, 4, {}, [&](std::size_t i, std::stop_token) -> Result<void> {
        ++started;
        if (i == 10) return Error(Code::io, "item 10");
        return {};
      });
  EXPECT_TRUE(result.failed_with(Code::io));
  EXPECT_LT(started, 100000);
}

TEST(ForEachBounded, StopRequestEndsWaitingTasksAndReportsCancelled) {
  std::stop_source source;
  std::jthread stopper([&] {
    system_clock().sleep_for(std::chrono::milliseconds(20), {});
    source.request_stop();
  });
  const auto result = for_each_bounded(1000, 4, source.get_token(),
                                       [&](std::size_t, std::stop_token stop) -> Result<void> {
                                         system_clock().sleep_for(std::chrono::seconds(60), stop);
                                         return check_stop(stop);
                                       });
  EXPECT_TRUE(result.failed_with(Code::cancelled));
}

TEST(ByteBudget, NeverHandsOutMoreThanItsCapacity) {
  ByteBudget budget(100);
  std::atomic<int> outstanding = 0;
  const auto result =
      for_each_bounded(200, 8, {}, [&](std::size_t, std::stop_token stop) -> Result<void> {
        TRY_ASSIGN(const auto lease, ByteBudget::Lease::take(budget, 30, stop));
        EXPECT_LE(outstanding += 30, 100);
        outstanding -= 30;
        return {};
      });
  EXPECT_TRUE(result);
}

TEST(ByteBudget, LetsOneOversizedReservationThroughAlone) {
  ByteBudget budget(10);
  EXPECT_TRUE(budget.acquire(50, {}));
  std::stop_source stopped;
  stopped.request_stop();
  EXPECT_TRUE(budget.acquire(1, stopped.get_token()).failed_with(Code::cancelled));
  budget.release(50);
  EXPECT_TRUE(budget.acquire(1, {}));
}

}  // namespace
}  // namespace mikura

#include "base/local_time.h"

#include <gtest/gtest.h>

#include <ctime>
#include <thread>
#include <vector>

namespace mikura {
namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

TEST(LocalTime, IsWrittenAsConflictCopiesAreNamed) {
  std::tm parts{};
  parts.tm_year = 126;
  parts.tm_mday = 2;
  parts.tm_hour = 3;
  parts.tm_min = 4;
  parts.tm_sec = 5;
  parts.tm_isdst = -1;
  const std::int64_t seconds = std::mktime(&parts);
  EXPECT_EQ(local_time_text(seconds * kNsPerSecond + 999'999'999), "20260102.030405");
}

TEST(LocalTime, IsReadBackToTheSecond) {
  for (const std::int64_t seconds : {0, 1'767'322'845, 1'783'000'000, 2'000'000'000})
    EXPECT_EQ(seconds_of_local_time_text(local_time_text(seconds * kNsPerSecond)), seconds);
}

TEST(LocalTime, IsNotReadFromAnythingElse) {
  for (const char* const text : {"", "2026", "20260102", "20260102.03040", "20260102.0304056",
                                 "20260102-030405", "20261302.030405", "20260132.030405",
                                 "20260102.250405", " 0260102.030405", "20260102.03040 ", "notes"})
    EXPECT_EQ(seconds_of_local_time_text(text), std::nullopt) << text;
}

TEST(LocalTime, IsReadByManyThreadsAtOnce) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([] {
      for (std::int64_t seconds = 1'767'000'000; seconds < 1'767'000'200; ++seconds)
        EXPECT_EQ(seconds_of_local_time_text(local_time_text(seconds * kNsPerSecond)), seconds);
    });
  for (std::thread& thread : threads)
    thread.join();
}

}  // namespace
}  // namespace mikura

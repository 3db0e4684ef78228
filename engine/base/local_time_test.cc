#include "base/local_time.h"

#include <gtest/gtest.h>

#include <ctime>

namespace mikura {
namespace {

TEST(LocalTime, IsWrittenAsConflictCopiesAreNamed) {
  std::tm parts{};
  parts.tm_year = 126;
  parts.tm_mday = 2;
  parts.tm_hour = 3;
  parts.tm_min = 4;
  parts.tm_sec = 5;
  parts.tm_isdst = -1;
  const std::int64_t seconds = std::mktime(&parts);
  EXPECT_EQ(local_time_text(seconds * 1'000'000'000 + 999'999'999), "20260102.030405");
}

}  // namespace
}  // namespace mikura

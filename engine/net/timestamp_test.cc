#include "net/timestamp.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace mikura {
namespace {

constexpr std::int64_t kMay2013 = 1369353600;  // 2013-05-24T00:00:00Z

TEST(Timestamp, AmzDate) {
  EXPECT_EQ(format_amz_date(kMay2013), "20130524T000000Z");
  EXPECT_EQ(parse_amz_date("20130524T000000Z"), kMay2013);
  EXPECT_EQ(parse_amz_date("20130524T000000"), std::nullopt);
  EXPECT_EQ(parse_amz_date("20130532T000000Z"), std::nullopt);
  EXPECT_EQ(parse_amz_date("20130524T240000Z"), std::nullopt);
  EXPECT_EQ(parse_amz_date("2013x524T000000Z"), std::nullopt);
}

TEST(Timestamp, Iso8601) {
  EXPECT_EQ(parse_iso8601_ms("2013-05-24T00:00:00.000Z"), kMay2013 * 1000);
  EXPECT_EQ(parse_iso8601_ms("2013-05-24T00:00:00Z"), kMay2013 * 1000);
  EXPECT_EQ(parse_iso8601_ms("2013-05-24T00:00:01.5Z"), kMay2013 * 1000 + 1500);
  EXPECT_EQ(parse_iso8601_ms("2013-05-24T00:00:01.123456789Z"), kMay2013 * 1000 + 1123);
  for (const std::string_view text :
       {"", "Z", "2013-05-24T00:00:00.000", "2013-05-24T00:00:00.Z", "2013-02-29T00:00:00Z",
        "2013-05-24 00:00:00Z", "2013-05-24T00:00:00.00000000000Z", "2013-05-24T00:00:00,0Z"}) {
    EXPECT_EQ(parse_iso8601_ms(text), std::nullopt) << text;
  }
}

TEST(Timestamp, HttpDate) {
  EXPECT_EQ(format_http_date(kMay2013), "Fri, 24 May 2013 00:00:00 GMT");
  EXPECT_EQ(parse_http_date("Fri, 24 May 2013 00:00:00 GMT"), kMay2013);
  for (const std::string_view text :
       {"", "Fri, 24 Mai 2013 00:00:00 GMT", "Fri, 24 May 2013 00:00:00 UTC",
        "Fri; 24 May 2013 00:00:00 GMT", "Fri, 24 May 2013 00:00:00 GMT ", "7"}) {
    EXPECT_EQ(parse_http_date(text), std::nullopt) << text;
  }
}

RC_GTEST_PROP(Timestamp, WhatIsWrittenIsReadBack, ()) {
  const auto seconds = *rc::gen::inRange<std::int64_t>(0, 253402300800);  // to the end of 9999
  RC_ASSERT(parse_amz_date(format_amz_date(seconds)) == seconds);
  RC_ASSERT(parse_http_date(format_http_date(seconds)) == seconds);
  const auto ms = *rc::gen::inRange<std::int64_t>(0, 253402300800000);
  RC_ASSERT(parse_iso8601_ms(format_iso8601_ms(ms)) == ms);
}

RC_GTEST_PROP(Timestamp, AnyTextIsReadWithoutHarm, (const std::string& text)) {
  static_cast<void>(parse_amz_date(text));
  static_cast<void>(parse_iso8601_ms(text));
  static_cast<void>(parse_http_date(text));
}

}  // namespace
}  // namespace mikura

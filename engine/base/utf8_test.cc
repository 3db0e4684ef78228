#include "base/utf8.h"

#include <gtest/gtest.h>

namespace mikura {
namespace {

TEST(Utf8, AcceptsEveryLengthOfCharacter) {
  EXPECT_TRUE(is_valid_utf8(""));
  EXPECT_TRUE(is_valid_utf8("a\xC3\xA9\xE5\xBE\xA1\xF0\x9F\x98\x80"));
  EXPECT_TRUE(is_valid_utf8("\xEF\xBF\xBF\xF4\x8F\xBF\xBF"));
}

TEST(Utf8, RejectsOverlongSurrogateTruncatedAndOutOfRange) {
  EXPECT_FALSE(is_valid_utf8("\xC0\xAF"));
  EXPECT_FALSE(is_valid_utf8("\xE0\x80\xAF"));
  EXPECT_FALSE(is_valid_utf8("\xED\xA0\x80"));
  EXPECT_FALSE(is_valid_utf8("\xF4\x90\x80\x80"));
  EXPECT_FALSE(is_valid_utf8("\xE5\xBE"));
  EXPECT_FALSE(is_valid_utf8("\x80"));
  EXPECT_FALSE(is_valid_utf8("\xFF"));
}

TEST(Utf8, PrefixNeverSplitsACharacter) {
  EXPECT_EQ(utf8_prefix("ab", 5), "ab");
  EXPECT_EQ(utf8_prefix("a\xE5\xBE\xA1", 3), "a");
  EXPECT_EQ(utf8_prefix("a\xE5\xBE\xA1", 4), "a\xE5\xBE\xA1");
}

}  // namespace
}  // namespace mikura

#include "base/bytes.h"

#include <gtest/gtest.h>

#include "base/id.h"

namespace mikura {
namespace {

TEST(Hex, EncodesLowerCaseAndDecodesBack) {
  const Bytes bytes = {std::byte{0x00}, std::byte{0x7f}, std::byte{0xab}, std::byte{0xff}};
  EXPECT_EQ(to_hex(bytes), "007fabff");
  EXPECT_EQ(from_hex("007fabff"), bytes);
}

TEST(Hex, RejectsUpperCaseOddLengthsAndOtherCharacters) {
  EXPECT_FALSE(from_hex("AB"));
  EXPECT_FALSE(from_hex("abc"));
  EXPECT_FALSE(from_hex("0g"));
}

TEST(Id, ParsesOnlyItsOwnLength) {
  EXPECT_TRUE(PublishId::from_hex(std::string(32, 'a')));
  EXPECT_FALSE(PublishId::from_hex(std::string(30, 'a')));
  EXPECT_FALSE(PublishId::from_hex(std::string(34, 'a')));
}

TEST(Id, OrdersByBytes) {
  const auto low = *PublishId::from_hex("00" + std::string(30, 'f'));
  const auto high = *PublishId::from_hex("80" + std::string(30, '0'));
  EXPECT_LT(low, high);
  EXPECT_TRUE(PublishId().is_zero());
}

}  // namespace
}  // namespace mikura

#include "crypto/user_key.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>

namespace mikura {
namespace {

// The bytes 0 to 31, encoded by another implementation of BIP 173.
constexpr std::string_view kText =
    "MIKURA-KEY-1QQQSYQCYQ5RQWZQFPG9SCRGWPUGPZYSNZS23V9CCRYDPK8QARC0SHR2KMX";

ByteArray<32> counting() {
  ByteArray<32> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::byte>(i);
  return bytes;
}

bool reads_as_counting(std::string_view text) {
  const auto key = parse_user_key(as_bytes(text));
  const auto expected = counting();
  return key && std::equal(expected.begin(), expected.end(), key->expose().begin());
}

void expect_refused(std::string_view text) {
  const auto key = parse_user_key(as_bytes(text));
  ASSERT_FALSE(key) << text;
  EXPECT_EQ(key.error().code(), Code::invalid);
  EXPECT_FALSE(key.error().hint().empty());
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

TEST(UserKeyText, HasTheDocumentedForm) {
  EXPECT_EQ(as_text(format_user_key(UserKey(counting())).expose()), kText);
  EXPECT_EQ(kText.size(), 12U + 58U);
}

TEST(UserKeyText, IsReadInEitherCaseAndWithWhiteSpaceAndComments) {
  const std::string text(kText);
  EXPECT_TRUE(reads_as_counting(text));
  EXPECT_TRUE(reads_as_counting(lower(text)));
  EXPECT_TRUE(reads_as_counting(text + "\n"));
  EXPECT_TRUE(reads_as_counting(text + "\r\n"));
  EXPECT_TRUE(reads_as_counting("  \t" + text + " \n\n"));
  EXPECT_TRUE(reads_as_counting("# made on Monday\n#\n\n" + text + "\n  # keep it safe"));
  EXPECT_TRUE(reads_as_counting("# made on Monday\r\n" + text + "\r\n"));
}

TEST(UserKeyText, AnythingElseIsRefused) {
  const std::string text(kText);
  expect_refused("");
  expect_refused("\n");
  expect_refused("# only a comment\n");
  expect_refused("a passphrase");
  expect_refused(text.substr(1));
  expect_refused(text.substr(0, text.size() - 1));
  expect_refused(text + "q");
  expect_refused(text + " trailing");
  expect_refused(text.substr(0, 40) + "\n" + text.substr(40));
  expect_refused(text.substr(0, 40) + " " + text.substr(40));
  expect_refused("# " + text);
  expect_refused(std::string(text).replace(30, 1, 1, '\0'));
  expect_refused(lower(text.substr(0, 20)) + text.substr(20));
}

TEST(UserKeyText, TwoKeysAreRefused) {
  const std::string text(kText);
  expect_refused(text + "\n" + text + "\n");
  expect_refused(text + "\na second line\n");
}

// Right checksums, made by another implementation: 31 bytes, 33 bytes, wrong padding, a key of age.
TEST(UserKeyText, AnotherLengthPaddingOrPrefixIsRefused) {
  expect_refused("MIKURA-KEY-1QQQSYQCYQ5RQWZQFPG9SCRGWPUGPZYSNZS23V9CCRYDPK8QARCP7A69L");
  expect_refused("MIKURA-KEY-1QQQSYQCYQ5RQWZQFPG9SCRGWPUGPZYSNZS23V9CCRYDPK8QARC0JQFPHW9M");
  expect_refused("MIKURA-KEY-1QQQSYQCYQ5RQWZQFPG9SCRGWPUGPZYSNZS23V9CCRYDPK8QARC03247RX5");
  expect_refused("AGE-SECRET-KEY-1QQQSYQCYQ5RQWZQFPG9SCRGWPUGPZYSNZS23V9CCRYDPK8QARC0SWRYDWG");
}

TEST(UserKeyText, EveryWrongCharacterIsNoticed) {
  for (std::size_t i = 0; i < kText.size(); ++i) {
    for (const char c : std::string_view("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L1B!")) {
      std::string text(kText);
      if (text[i] == c) continue;
      text[i] = c;
      EXPECT_FALSE(parse_user_key(as_bytes(text))) << i << c;
    }
  }
}

TEST(UserKeyText, TwoExchangedNeighboursAreNoticed) {
  for (std::size_t i = 0; i + 1 < kText.size(); ++i) {
    std::string text(kText);
    if (text[i] == text[i + 1]) continue;
    std::swap(text[i], text[i + 1]);
    EXPECT_FALSE(parse_user_key(as_bytes(text))) << i;
  }
}

RC_GTEST_PROP(UserKeyText, AnErrorNeverContainsAPartOfTheText, ()) {
  std::string text(kText);
  const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
  text[at] = '!';
  const auto key = parse_user_key(as_bytes(text));
  RC_ASSERT_FALSE(key);
  const std::string said = lower(key.error().message() + key.error().hint());
  const std::string shown = lower(text);
  // Past the prefix, which the hint names.
  for (std::size_t i = 12; i + 5 <= shown.size(); ++i)
    RC_ASSERT(said.find(shown.substr(i, 5)) == std::string::npos);
}

RC_GTEST_PROP(UserKeyText, AnyTextIsReadOrRefused, (const std::string& text)) {
  const auto key = parse_user_key(as_bytes(text));
  RC_ASSERT(!key || text.size() >= kText.size());
}

TEST(UserKey, IsGeneratedAnewEachTimeAndSurvivesItsText) {
  const UserKey first = generate_user_key(system_random());
  const UserKey second = generate_user_key(system_random());
  EXPECT_FALSE(std::equal(first.expose().begin(), first.expose().end(), second.expose().begin()));
  const auto back = parse_user_key(format_user_key(first).expose());
  ASSERT_TRUE(back);
  EXPECT_TRUE(std::equal(first.expose().begin(), first.expose().end(), back->expose().begin()));
}

}  // namespace
}  // namespace mikura

#include "crypto/bech32.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace mikura {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

// What stands before the last "1", as BIP 173 splits a string.
std::string prefix_of(std::string_view text) {
  const std::size_t separator = text.rfind('1');
  return lower(text.substr(0, separator == std::string_view::npos ? 0 : separator));
}

// BIP 173, "Test vectors": valid ones.
TEST(Bech32, AcceptsThePublishedValidStrings) {
  for (const std::string_view text : {
           "A12UEL5L",
           "a12uel5l",
           "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5"
           "tgs",
           "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
           "11qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqc82"
           "47j",
           "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w",
           "?1ezyfcl",
       }) {
    const auto decoded = bech32_decode(prefix_of(text), text);
    ASSERT_TRUE(decoded) << text;
    EXPECT_EQ(bech32_encode(prefix_of(text), *decoded), lower(text));
  }
}

// BIP 173, "Test vectors": invalid ones, but for the one that is only too long, which is no fault
// here.
TEST(Bech32, RejectsThePublishedInvalidStrings) {
  for (const std::string_view text : {
           std::string_view("\x20"
                            "1nwldj5"),
           std::string_view("\x7f"
                            "1axkwrx"),
           std::string_view("\x80"
                            "1eym55h"),
           std::string_view("pzry9x0s0muk"),
           std::string_view("1pzry9x0s0muk"),
           std::string_view("x1b4n0q5v"),
           std::string_view("li1dgmt3"),
           std::string_view("de1lg7wt\xff"),
           std::string_view("A1G7SGD8"),
           std::string_view("10a06t8"),
           std::string_view("1qzzfhee"),
       }) {
    const auto decoded = bech32_decode(prefix_of(text), text);
    ASSERT_FALSE(decoded) << text;
    EXPECT_EQ(decoded.error().code(), Code::invalid);
  }
}

TEST(Bech32, HasNoLimitOfLength) {
  EXPECT_TRUE(bech32_decode(
      "an84characterslonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio",
      "an84characterslonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1569pv"
      "x"));
  const Bytes data(1000, std::byte{0xa5});
  const auto decoded = bech32_decode("long", bech32_encode("long", data));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(*decoded, data);
}

TEST(Bech32, RejectsMixedCase) {
  EXPECT_FALSE(bech32_decode("a", "A12uel5l"));
  EXPECT_FALSE(bech32_decode("a", "a12UEL5L"));
}

TEST(Bech32, RejectsAnotherPrefix) {
  const std::string text = bech32_encode("right", as_bytes("data"));
  EXPECT_TRUE(bech32_decode("right", text));
  for (const char* other : {"wrong", "righ", "rightt", "r", ""})
    EXPECT_FALSE(bech32_decode(other, text)) << other;
}

// Strings whose checksum is right, made by another implementation.
TEST(Bech32, RejectsWrongPadding) {
  const auto accepted = bech32_decode("a", "a1qy089ch6");
  ASSERT_TRUE(accepted);
  EXPECT_EQ(*accepted, Bytes{std::byte{1}});
  // Bits of the padding are set.
  for (const char* text : {"a1qpamnt9j", "a1qzngxatd", "a1llttal5m"})
    EXPECT_FALSE(bech32_decode("a", text)) << text;
  // A whole group is too much.
  for (const char* text : {"a1q3g6mn3", "a1pv7wwwr", "a1qqqd87cpp"})
    EXPECT_FALSE(bech32_decode("a", text)) << text;
}

RC_GTEST_PROP(Bech32, DecodesWhatItEncodedInEitherCase, (const std::vector<std::uint8_t>& bytes)) {
  const Bytes data = to_bytes(std::as_bytes(std::span(bytes)));
  const std::string text = bech32_encode("mikura-key-", data);
  const auto decoded = bech32_decode("mikura-key-", text);
  RC_ASSERT(decoded && *decoded == data);
  const auto from_upper = bech32_decode("mikura-key-", upper(text));
  RC_ASSERT(from_upper && *from_upper == data);
}

// The code finds every error of up to four characters within 89, and every one here of one
// character.
RC_GTEST_PROP(Bech32, FindsEveryWrongCharacter, ()) {
  const auto bytes =
      *rc::gen::container<std::vector<std::uint8_t>>(32, rc::gen::arbitrary<std::uint8_t>());
  std::string text = bech32_encode("mikura-key-", std::as_bytes(std::span(bytes)));
  const std::string_view alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
  const auto at = *rc::gen::inRange<std::size_t>(12, text.size());
  const char other = alphabet[*rc::gen::inRange<std::size_t>(0, alphabet.size())];
  RC_PRE(other != text[at]);
  text[at] = other;
  RC_ASSERT_FALSE(bech32_decode("mikura-key-", text));
}

TEST(Bech32, AnErrorDoesNotEchoTheText) {
  std::string text = bech32_encode("mikura-key-", as_bytes("0123456789abcdef0123456789abcdef"));
  const std::string secret = text.substr(12, 20);
  text.back() = text.back() == 'q' ? 'p' : 'q';
  const auto decoded = bech32_decode("mikura-key-", text);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().message().find(secret), std::string::npos);
  EXPECT_EQ(decoded.error().hint().find(secret), std::string::npos);
}

}  // namespace
}  // namespace mikura

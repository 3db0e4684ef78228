#include "format/envelope.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "format/format_test_values.h"

namespace mikura {
namespace {

constexpr std::uint64_t kMax = kMaxBlobBytes;

class EnvelopeTest : public ::testing::Test {
 protected:
  SealContext context(std::string_view name = "objects/ab/abcd", ObjectType type = ObjectType::blob) const {
    return {filled_id<RepositoryId>(1), type, name, 1, key_.expose()};
  }
  Bytes sealed(ByteSpan payload) { return seal(context(), payload, random_); }
  // Bytes that zstd cannot shrink.
  Bytes noise(std::size_t size) {
    Bytes bytes(size);
    random_.fill(bytes);
    return bytes;
  }

  EpochKey key_ = sample_epoch_key();
  CountingRandom random_;
};

TEST_F(EnvelopeTest, PayloadsOfEverySizeAroundTheSegmentEdgesRoundTrip) {
  for (const std::size_t size : {0UL, 1UL, 63UL, 64UL, 1000UL, 65526UL, 65527UL, 65528UL, 65535UL, 65536UL, 65537UL, 131072UL, 200000UL, 1000000UL}) {
    for (const Bytes& payload : {noise(size), Bytes(size, std::byte{'a'})}) {
      const auto opened = open_sealed(context(), sealed(payload), kMax);
      ASSERT_TRUE(opened) << size << " " << opened.error().message();
      EXPECT_EQ(*opened, payload);
    }
  }
}

TEST_F(EnvelopeTest, SealingTheSameTwiceGivesDifferentBytes) { EXPECT_NE(sealed(as_bytes("x")), sealed(as_bytes("x"))); }

TEST_F(EnvelopeTest, CompressibleContentShrinksAndNoiseDoesNotGrowMuch) {
  EXPECT_LT(sealed(Bytes(100000, std::byte{'a'})).size(), 1000U);
  const std::size_t size = sealed(noise(1 << 20)).size();
  EXPECT_LT(size, (1 << 20) * 112UL / 100);
}

TEST_F(EnvelopeTest, NoPlaintextIsVisible) {
  const std::string secret = "a very secret sentence";
  const Bytes object = sealed(as_bytes(secret));
  EXPECT_EQ(as_text(object).find(secret.substr(0, 8)), std::string_view::npos);
}

TEST_F(EnvelopeTest, EveryFlippedBitIsNoticed) {
  const Bytes object = sealed(as_bytes("hello"));
  for (std::size_t bit = 0; bit < object.size() * 8; ++bit) {
    Bytes bad = object;
    bad[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    const auto opened = open_sealed(context(), bad, kMax);
    ASSERT_TRUE(opened.failed_with(Code::corrupt)) << bit;
    EXPECT_NE(opened.error().message().find("objects/ab/abcd"), std::string::npos);
  }
}

TEST_F(EnvelopeTest, EveryTruncationAndExtensionIsNoticed) {
  const Bytes object = sealed(noise(300));
  for (std::size_t size = 0; size < object.size(); ++size) EXPECT_FALSE(open_sealed(context(), std::span(object).first(size), kMax));
  Bytes longer = object;
  for (int i = 0; i < 40; ++i) {
    longer.push_back(std::byte{0});
    EXPECT_FALSE(open_sealed(context(), longer, kMax));
  }
}

TEST_F(EnvelopeTest, SegmentsCannotBeDroppedSwappedOrRepeated) {
  const Bytes object = sealed(noise(3 * 65536));
  constexpr std::size_t kSegment = 65536 + 16;
  const auto header = std::span(object).first(kEnvelopeHeaderSize);
  const auto segment = [&](std::size_t i) { return std::span(object).subspan(kEnvelopeHeaderSize + i * kSegment, kSegment); };
  const auto rest = std::span(object).subspan(kEnvelopeHeaderSize + 3 * kSegment);
  const auto build = [&](std::initializer_list<std::size_t> order, bool with_rest) {
    Bytes out = to_bytes(header);
    for (const std::size_t i : order) append(out, segment(i));
    if (with_rest) append(out, rest);
    return out;
  };
  EXPECT_TRUE(open_sealed(context(), build({0, 1, 2}, true), kMax));
  EXPECT_FALSE(open_sealed(context(), build({0, 1, 2}, false), kMax));
  EXPECT_FALSE(open_sealed(context(), build({1, 0, 2}, true), kMax));
  EXPECT_FALSE(open_sealed(context(), build({0, 1}, true), kMax));
  EXPECT_FALSE(open_sealed(context(), build({0, 1, 1, 2}, true), kMax));
}

TEST_F(EnvelopeTest, AnObjectOpensOnlyAsWhatItWasSealedAs) {
  const Bytes object = sealed(as_bytes("x"));
  EXPECT_FALSE(open_sealed(context("objects/ab/abce"), object, kMax));
  EXPECT_FALSE(open_sealed(context("objects/ab/abcd", ObjectType::index), object, kMax));
  SealContext other = context();
  other.repository = filled_id<RepositoryId>(2);
  EXPECT_FALSE(open_sealed(other, object, kMax));
  other = context();
  other.epoch = 2;
  EXPECT_FALSE(open_sealed(other, object, kMax));
  const UserKey wrong = sample_user_key();
  other = context();
  other.key = wrong.expose();
  EXPECT_FALSE(open_sealed(other, object, kMax));
}

TEST_F(EnvelopeTest, MoreThanTheCallerAllowsIsRefusedBeforeItIsUnpacked) {
  // 16 MiB of zeros shrink to almost nothing: a bomb for a caller who expects little.
  const Bytes object = sealed(Bytes(16 << 20));
  EXPECT_LT(object.size(), 10000U);
  EXPECT_FALSE(open_sealed(context(), object, 1 << 20));
  EXPECT_TRUE(open_sealed(context(), object, 16 << 20));
}

TEST_F(EnvelopeTest, TheEpochIsReadable) {
  SealContext third = context();
  third.epoch = 3;
  EXPECT_EQ(*sealed_epoch(seal(third, as_bytes("x"), random_)), 3U);
  EXPECT_FALSE(sealed_epoch(as_bytes("not an object")));
}

RC_GTEST_PROP(Padme, NeverShrinksAndAddsAtMostTwelvePercent, (std::uint32_t size)) {
  const std::uint64_t padded = padme(size);
  RC_ASSERT(padded >= size);
  RC_ASSERT(static_cast<double>(padded) <= static_cast<double>(size) * 1.12 + 1);
  RC_ASSERT(padme(padded) == padded);
}

}  // namespace
}  // namespace mikura

#include "format/envelope.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "crypto/aead.h"
#include "format/codec.h"
#include "format/compression.h"
#include "format/format_test_values.h"

namespace mikura {
namespace {

constexpr std::uint64_t kMax = kMaxBlobBytes;
constexpr std::size_t kSegment = 65536;
constexpr std::size_t kTag = 16;

// Sizes around everything that is an edge: nothing, the least that is compressed, Padme steps,
// segments.
constexpr std::size_t kSizes[] = {0,     1,      63,     64,     65,     1000,
                                  65518, 65526,  65527,  65528,  65535,  65536,
                                  65537, 131063, 131072, 131073, 200000, 1000000};

// "Sealed objects" of docs/format.md once more, for any plaintext: what a faulty or hostile holder
// of the key could write.
Bytes seal_plaintext(const SealContext& context, ByteSpan plain) {
  Writer header;
  header.raw(as_bytes("MKR1"));
  header.u8(1);
  header.u8(1);
  header.u8(static_cast<std::uint8_t>(context.type));
  header.u8(0);
  header.u32(context.epoch);
  const ByteArray<24> salt{};

  Writer info;
  info.raw(as_bytes("mikura/v1/seal"));
  info.u8(0);
  info.raw(header.bytes());
  info.id(context.repository);
  info.u16(static_cast<std::uint16_t>(context.name.size()));
  info.raw(as_bytes(context.name));
  info.raw(salt);
  ByteArray<76> okm;
  hkdf_expand(context.key, info.bytes(), okm);

  Bytes object = header.take();
  append(object, salt);
  append(object, std::span(okm).subspan(44));
  Aes256Gcm cipher(std::span<const std::byte, 76>(okm).first<32>());
  for (std::uint64_t counter = 0;; ++counter) {
    const ByteSpan piece = plain.first(std::min(plain.size(), kSegment));
    plain = plain.subspan(piece.size());
    const std::uint64_t count = counter * 2 + (plain.empty() ? 1 : 0);
    ByteArray<12> nonce;
    std::copy_n(okm.begin() + 32, 12, nonce.begin());
    for (unsigned i = 0; i < 8; ++i)
      nonce[11 - i] ^= static_cast<std::byte>(count >> (8 * i) & 0xff);
    Bytes sealed(piece.size() + kTag);
    cipher.seal(nonce, piece, {}, sealed);
    append(object, sealed);
    if (plain.empty()) return object;
  }
}

Bytes plaintext(std::uint8_t codec, std::uint64_t original_size, ByteSpan stored,
                std::size_t padding = 0) {
  Writer writer;
  writer.u8(codec);
  writer.u64(original_size);
  writer.raw(stored);
  writer.raw(Bytes(padding));
  return writer.take();
}

class EnvelopeTest : public ::testing::Test {
 protected:
  SealContext context(std::string_view name = "objects/ab/abcd",
                      ObjectType type = ObjectType::blob) const {
    return {filled_id<RepositoryId>(1), type, name, 1, key_.expose()};
  }
  Bytes sealed(ByteSpan payload) { return seal(context(), payload, random_); }
  // Bytes that zstd cannot shrink.
  Bytes noise(std::size_t size) {
    Bytes bytes(size);
    random_.fill(bytes);
    return bytes;
  }
  void expect_refused(ByteSpan object) {
    const auto opened = open_sealed(context(), object, kMax);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code(), Code::corrupt);
    EXPECT_NE(opened.error().message().find("objects/ab/abcd"), std::string::npos);
  }

  EpochKey key_ = sample_epoch_key();
  CountingRandom random_;
};

TEST_F(EnvelopeTest, PayloadsOfEverySizeAroundTheEdgesRoundTrip) {
  for (const std::size_t size : kSizes) {
    for (const Bytes& payload : {noise(size), Bytes(size, std::byte{'a'})}) {
      const auto opened = open_sealed(context(), sealed(payload), kMax);
      ASSERT_TRUE(opened) << size << " " << opened.error().message();
      EXPECT_EQ(*opened, payload);
    }
  }
}

TEST_F(EnvelopeTest, IsWrittenAsTheDocumentSays) {
  for (const std::size_t size : kSizes) {
    const Bytes payload = noise(size);
    class ZeroRandom final : public Random {
      void fill(MutableByteSpan out) override { std::fill(out.begin(), out.end(), std::byte{0}); }
    } zero;
    const std::size_t used = 9 + size;
    const Bytes plain = plaintext(0, size, payload, static_cast<std::size_t>(padme(used)) - used);
    EXPECT_EQ(seal(context(), payload, zero), seal_plaintext(context(), plain)) << size;
  }
}

TEST_F(EnvelopeTest, SizesInTheStoreBelongToThePadmeClasses) {
  for (const std::size_t size : kSizes) {
    const std::size_t plain = static_cast<std::size_t>(padme(size + 9));
    EXPECT_EQ(sealed(noise(size)).size(), 68 + plain + (plain + kSegment - 1) / kSegment * kTag)
        << size;
  }
}

TEST_F(EnvelopeTest, SealingTheSameTwiceGivesDifferentBytes) {
  EXPECT_NE(sealed(as_bytes("x")), sealed(as_bytes("x")));
}

TEST_F(EnvelopeTest, CompressibleContentShrinks) {
  EXPECT_LT(sealed(Bytes(100000, std::byte{'a'})).size(), 1000U);
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
    expect_refused(bad);
  }
}

TEST_F(EnvelopeTest, EveryTruncationAndExtensionOfASmallObjectIsNoticed) {
  const Bytes object = sealed(noise(300));
  for (std::size_t size = 0; size < object.size(); ++size)
    expect_refused(std::span(object).first(size));
  Bytes longer = object;
  for (int i = 0; i < 40; ++i) {
    longer.push_back(std::byte{0});
    expect_refused(longer);
  }
}

TEST_F(EnvelopeTest, TruncationsAndExtensionsAtSegmentEdgesAreNoticed) {
  for (const std::size_t size : kSizes) {
    const Bytes object = sealed(noise(size));
    for (std::size_t edge = kEnvelopeHeaderSize; edge < object.size(); edge += kSegment + kTag) {
      for (const std::size_t cut : {edge - 1, edge, edge + 1, edge + kTag}) {
        if (cut < object.size()) expect_refused(std::span(object).first(cut));
      }
    }
    Bytes longer = object;
    append(longer, noise(kTag));
    expect_refused(longer);
    append(longer, noise(kSegment));
    expect_refused(longer);
  }
}

TEST_F(EnvelopeTest, ARandomFlipAnywhereInALargeObjectIsNoticed) {
  const Bytes object = sealed(noise(200000));
  for (std::size_t at = 0; at < object.size(); at += 6151) {
    Bytes bad = object;
    bad[at] ^= std::byte{0x10};
    expect_refused(bad);
  }
}

TEST_F(EnvelopeTest, SegmentsCannotBeDroppedSwappedRepeatedOrTakenFromElsewhere) {
  const Bytes object = sealed(noise(3 * kSegment));
  const Bytes other = sealed(noise(3 * kSegment));
  const auto segment_of = [](const Bytes& from, std::size_t i) {
    return std::span(from)
        .subspan(kEnvelopeHeaderSize + i * (kSegment + kTag))
        .first(
            std::min(kSegment + kTag, from.size() - kEnvelopeHeaderSize - i * (kSegment + kTag)));
  };
  const auto build = [&](std::initializer_list<std::size_t> order) {
    Bytes out = to_bytes(std::span(object).first(kEnvelopeHeaderSize));
    for (const std::size_t i : order)
      append(out, i < 10 ? segment_of(object, i) : segment_of(other, i - 10));
    return out;
  };
  EXPECT_TRUE(open_sealed(context(), build({0, 1, 2, 3}), kMax));
  for (const auto order : {std::initializer_list<std::size_t>{0, 1, 2},
                           {1, 0, 2, 3},
                           {0, 1, 3},
                           {0, 1, 1, 3},
                           {0, 1, 2, 3, 3},
                           {0, 2, 1, 3},
                           {3},
                           {0, 11, 2, 3},
                           {0, 1, 2, 13},
                           {10, 11, 12, 13},
                           {}}) {
    expect_refused(build(order));
  }
}

TEST_F(EnvelopeTest, AnObjectOpensOnlyAsWhatItWasSealedAs) {
  const Bytes object = sealed(as_bytes("x"));
  const UserKey wrong_key = sample_user_key();
  const auto changed = [&](auto change) {
    SealContext other = context();
    change(other);
    return open_sealed(other, object, kMax);
  };
  EXPECT_TRUE(changed([](SealContext&) {}));
  EXPECT_FALSE(changed([](SealContext& c) { c.name = "objects/ab/abce"; }));
  EXPECT_FALSE(changed([](SealContext& c) { c.name = "objects/ab/abcd0"; }));
  EXPECT_FALSE(changed([](SealContext& c) { c.name = "objects/ab/abc"; }));
  EXPECT_FALSE(changed([](SealContext& c) { c.type = ObjectType::index; }));
  EXPECT_FALSE(changed([](SealContext& c) { c.repository = filled_id<RepositoryId>(2); }));
  EXPECT_FALSE(changed([](SealContext& c) { c.epoch = 2; }));
  EXPECT_FALSE(changed([&](SealContext& c) { c.key = wrong_key.expose(); }));
}

// The header says type and epoch in the clear: changing them there too does not help.
TEST_F(EnvelopeTest, AHeaderRewrittenToFitIsNoticed) {
  Bytes object = sealed(as_bytes("x"));
  object[6] = static_cast<std::byte>(ObjectType::index);
  EXPECT_FALSE(open_sealed(context("objects/ab/abcd", ObjectType::index), object, kMax));
  object = sealed(as_bytes("x"));
  object[8] = std::byte{2};
  SealContext second = context();
  second.epoch = 2;
  EXPECT_FALSE(open_sealed(second, object, kMax));
}

TEST_F(EnvelopeTest, MoreThanTheCallerAllowsIsRefusedBeforeItIsUnpacked) {
  // 16 MiB of zeros shrink to almost nothing: a bomb for a caller who expects little.
  const Bytes object = sealed(Bytes(16 << 20));
  EXPECT_LT(object.size(), 10000U);
  EXPECT_FALSE(open_sealed(context(), object, (16 << 20) - 1));
  EXPECT_TRUE(open_sealed(context(), object, 16 << 20));
}

TEST_F(EnvelopeTest, AnObjectTooLargeForItsPayloadIsRefusedUnopened) {
  const Bytes object = sealed(noise(100000));
  EXPECT_TRUE(open_sealed(context(), object, 100000));
  const auto opened = open_sealed(context(), object, 50000);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message().find("larger than it may be"), std::string::npos);
}

TEST_F(EnvelopeTest, APlaintextThatDoesNotHoldWhatItSaysIsRefused) {
  const ByteSpan five = as_bytes("12345");
  const auto refused = [&](const Bytes& plain) {
    expect_refused(seal_plaintext(context(), plain));
  };
  EXPECT_TRUE(open_sealed(context(), seal_plaintext(context(), plaintext(0, 5, five)), kMax));
  EXPECT_TRUE(open_sealed(context(), seal_plaintext(context(), plaintext(0, 5, five, 1000)), kMax))
      << "padding of any length";
  refused(plaintext(0, 6, five));
  refused(plaintext(0, 4, five));
  refused(plaintext(0, kMax + 1, five));
  refused(plaintext(0, UINT64_MAX, five));
  refused(plaintext(2, 5, five));
  refused(plaintext(255, 5, five));
  refused(plaintext(1, 5, five));
  refused(Bytes(8));  // not even a content header
  Bytes dirty = plaintext(0, 5, five, 10);
  dirty.back() = std::byte{1};
  refused(dirty);
}

TEST_F(EnvelopeTest, ASuperfluousEmptySegmentIsRefused) {
  // The same plaintext, but its last, full segment is followed by an empty one that carries the
  // flag.
  const Bytes plain = plaintext(0, kSegment - 9, noise(kSegment - 9));
  ASSERT_EQ(plain.size(), kSegment);
  const Bytes right = seal_plaintext(context(), plain);
  EXPECT_TRUE(open_sealed(context(), right, kMax));
  Bytes wrong = right;
  append(wrong, ByteArray<kTag>{});
  expect_refused(wrong);
}

TEST_F(EnvelopeTest, AKeyringIsNeverCompressed) {
  const SealContext ring = context("keys/x", ObjectType::keyring);
  const Bytes payload(5000, std::byte{'k'});
  const Bytes object = seal(ring, payload, random_);
  EXPECT_GT(object.size(), payload.size());
  EXPECT_EQ(*open_sealed(ring, object, kMax), payload);

  const auto packed = compress(payload);
  ASSERT_TRUE(packed);
  const Bytes plain = plaintext(1, payload.size(), packed->bytes());
  EXPECT_TRUE(open_sealed(context(), seal_plaintext(context(), plain), kMax));
  EXPECT_FALSE(open_sealed(ring, seal_plaintext(ring, plain), kMax));
}

TEST_F(EnvelopeTest, TheEpochIsReadable) {
  for (const std::uint32_t epoch : {0U, 1U, 3U, 0x01020304U, UINT32_MAX}) {
    SealContext other = context();
    other.epoch = epoch;
    EXPECT_EQ(*sealed_epoch(seal(other, as_bytes("x"), random_)), epoch);
  }
}

TEST_F(EnvelopeTest, WhatIsNoEnvelopeIsToldFromANewerOne) {
  const Bytes object = sealed(as_bytes("x"));
  EXPECT_TRUE(sealed_epoch(as_bytes("not an object")).failed_with(Code::corrupt));
  EXPECT_TRUE(sealed_epoch({}).failed_with(Code::corrupt));
  EXPECT_TRUE(sealed_epoch(std::span(object).first(11)).failed_with(Code::corrupt));
  const auto with = [&](std::size_t at, int value) {
    Bytes other = object;
    other[at] = static_cast<std::byte>(value);
    return sealed_epoch(other);
  };
  EXPECT_TRUE(with(4, 0).failed_with(Code::corrupt)) << "downgrade of the format";
  EXPECT_TRUE(with(5, 0).failed_with(Code::corrupt)) << "downgrade of the suite";
  EXPECT_TRUE(with(7, 1).failed_with(Code::corrupt)) << "flags";
  EXPECT_TRUE(with(4, 2).failed_with(Code::unsupported));
  EXPECT_TRUE(with(5, 2).failed_with(Code::unsupported));
  EXPECT_TRUE(with(5, 2).error().hint().starts_with("Update Mikura"));
}

TEST_F(EnvelopeTest, ManyThreadsSealAndOpenAtOnce) {
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      CountingRandom random(std::to_string(t));
      for (int i = 0; i < 20; ++i) {
        Bytes payload(static_cast<std::size_t>(i) * 7001, static_cast<std::byte>(t));
        if (i % 2 == 0) random.fill(payload);
        const auto opened = open_sealed(context(), seal(context(), payload, random), kMax);
        if (!opened || *opened != payload) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(wrong, 0);
}

RC_GTEST_FIXTURE_PROP(EnvelopeTest, AnyPayloadRoundTripsUnderAnyContext,
                      (const std::vector<std::uint8_t>& data, const std::string& name,
                       std::uint32_t epoch, std::uint8_t repeat)) {
  Bytes payload;
  for (unsigned i = 0; i <= repeat; ++i)
    append(payload, std::as_bytes(std::span(data)));
  SealContext any = context(name);
  any.epoch = epoch;
  const auto opened = open_sealed(any, seal(any, payload, random_), payload.size());
  RC_ASSERT(opened.has_value());
  RC_ASSERT(*opened == payload);
}

RC_GTEST_FIXTURE_PROP(EnvelopeTest, AnyRandomChangeIsNoticed,
                      (const std::vector<std::uint8_t>& data, std::uint32_t position,
                       std::uint8_t difference)) {
  RC_PRE(difference != 0);
  Bytes object = sealed(std::as_bytes(std::span(data)));
  object[position % object.size()] ^= static_cast<std::byte>(difference);
  RC_ASSERT(open_sealed(context(), object, kMax).failed_with(Code::corrupt));
}

TEST(Padme, KnownValues) {
  const std::pair<std::uint64_t, std::uint64_t> known[] = {{0, 0},
                                                           {1, 1},
                                                           {2, 2},
                                                           {3, 3},
                                                           {7, 7},
                                                           {8, 8},
                                                           {9, 10},
                                                           {15, 16},
                                                           {100, 104},
                                                           {1000, 1024},
                                                           {1025, 1088},
                                                           {65536, 65536},
                                                           {65537, 67584},
                                                           {1000000, 1015808},
                                                           {(1 << 20) + 1, (1 << 20) + 32768}};
  for (const auto& [size, padded] : known)
    EXPECT_EQ(padme(size), padded) << size;
}

RC_GTEST_PROP(Padme, NeverShrinksIsMonotonicAndAddsAtMostTwelvePercent, (std::uint32_t size)) {
  const std::uint64_t padded = padme(size);
  RC_ASSERT(padded >= size);
  RC_ASSERT(static_cast<double>(padded) <= static_cast<double>(size) * 1.12 + 1);
  RC_ASSERT(padme(padded) == padded);
  RC_ASSERT(padme(std::uint64_t{size} + 1) >= padded);
}

}  // namespace
}  // namespace mikura

#include "format/compression.h"

#include <gtest/gtest.h>

#include "format/format_test_values.h"

namespace mikura {
namespace {

constexpr std::uint8_t kStored = 0;
constexpr std::uint8_t kZstd = 1;

Bytes noise(std::size_t size) {
  Bytes bytes(size);
  CountingRandom().fill(bytes);
  return bytes;
}

Bytes packed(ByteSpan payload) {
  const auto compressed = compress(payload);
  EXPECT_TRUE(compressed);
  return compressed ? to_bytes(compressed->bytes()) : Bytes();
}

Bytes joined(Bytes a, ByteSpan b) {
  append(a, b);
  return a;
}

// The nine bytes of a skippable frame with one byte in it.
const Bytes kSkippable = *from_hex("502a4d180100000000");

TEST(Compression, TextShrinksAndComesBack) {
  std::string text;
  for (int i = 0; i < 5000; ++i)
    text += "line " + std::to_string(i) + "\n";
  for (const std::size_t size : {std::size_t{200}, std::size_t{30000}, text.size()}) {
    const ByteSpan payload = as_bytes(std::string_view(text).substr(0, size));
    const auto compressed = compress(payload);
    ASSERT_TRUE(compressed);
    EXPECT_LT(compressed->bytes().size(), size * 97 / 100);
    const auto back = decompress(kZstd, to_bytes(compressed->bytes()), size);
    ASSERT_TRUE(back);
    EXPECT_TRUE(std::ranges::equal(*back, payload));
  }
}

TEST(Compression, NoiseIsLeftAsItIs) {
  for (const std::size_t size : {0, 1, 63, 64, 1000, 65536, 200000})
    EXPECT_FALSE(compress(noise(size))) << size;
}

TEST(Compression, WhatSavesLessThanThreePercentIsLeftAsItIs) {
  Bytes payload = noise(100000);
  append(payload, Bytes(2000));
  EXPECT_FALSE(compress(payload));
  append(payload, Bytes(4000));
  EXPECT_TRUE(compress(payload));
}

// A video that is followed by text stays as it is; the other way round the attempt is made, and
// decides.
TEST(Compression, TheBeginningOfALargePayloadDecides) {
  EXPECT_FALSE(compress(joined(noise(100000), Bytes(100000))));
  EXPECT_TRUE(compress(joined(Bytes(100000), noise(100000))));
}

TEST(Compression, AfterAFailureTheContextStillWorks) {
  EXPECT_FALSE(compress(noise(70000)));
  EXPECT_TRUE(compress(Bytes(70000)));
  EXPECT_FALSE(decompress(kZstd, to_bytes("no frame"), 10));
  EXPECT_TRUE(decompress(kZstd, packed(Bytes(1000)), 1000));
}

TEST(Decompression, StoredBytesAreTakenUpToTheirPadding) {
  EXPECT_EQ(*decompress(kStored, to_bytes("abc"), 3), to_bytes("abc"));
  EXPECT_EQ(*decompress(kStored, joined(to_bytes("abc"), Bytes(50)), 3), to_bytes("abc"));
  EXPECT_EQ(*decompress(kStored, Bytes(50), 0), Bytes());
  EXPECT_EQ(*decompress(kStored, Bytes(), 0), Bytes());
  EXPECT_FALSE(decompress(kStored, to_bytes("abc"), 2));
  EXPECT_FALSE(decompress(kStored, to_bytes("abc"), 4));
}

TEST(Decompression, PaddingIsZerosToTheLastByte) {
  const Bytes frame = packed(Bytes(1000));
  EXPECT_TRUE(decompress(kZstd, joined(frame, Bytes(77)), 1000));
  for (const std::size_t at : {0, 1, 40, 76}) {
    Bytes padding(77);
    padding[at] = std::byte{1};
    EXPECT_FALSE(decompress(kZstd, joined(frame, padding), 1000)) << at;
    EXPECT_FALSE(decompress(kStored, joined(to_bytes("x"), padding), 1)) << at;
  }
}

TEST(Decompression, AFrameMustSayTheSizeThatWasAuthenticated) {
  const Bytes frame = packed(Bytes(1000));
  for (const std::uint64_t size :
       {std::uint64_t{0}, std::uint64_t{999}, std::uint64_t{1001}, UINT64_MAX - 1, UINT64_MAX}) {
    EXPECT_FALSE(decompress(kZstd, frame, size)) << size;
  }
}

// A frame header can claim anything. Nothing is allocated for the claim: it must equal what the
// caller allowed.
TEST(Decompression, AFrameThatClaimsTerabytesIsRefused) {
  // Magic; descriptor: 8-byte content size, no single segment; window descriptor: the largest;
  // content size 2^40.
  const Bytes bomb = *from_hex(
      "28b52ffd"
      "c0"
      "ff"
      "0000000000010000"
      "030000");
  EXPECT_FALSE(decompress(kZstd, bomb, 1000));
  EXPECT_FALSE(decompress(kZstd, bomb, std::uint64_t{1} << 63));
}

TEST(Decompression, AWindowLargerThanTheContentAllocatesNothing) {
  // The same descriptor with content size 3, and a last raw block of the three bytes.
  const Bytes frame = *from_hex(
      "28b52ffd"
      "c0"
      "ff"
      "0300000000000000"
      "190000"
      "616263");
  const auto out = decompress(kZstd, frame, 3);
  // zstd may refuse such a window or not; either way it must not be believed for memory.
  if (out) {
    EXPECT_EQ(*out, to_bytes("abc"));
  }
}

TEST(Decompression, SkippableAndRepeatedFramesAreRefused) {
  const Bytes frame = packed(Bytes(1000));
  EXPECT_FALSE(decompress(kZstd, kSkippable, 0));
  EXPECT_FALSE(decompress(kZstd, joined(kSkippable, frame), 1000));
  EXPECT_FALSE(decompress(kZstd, joined(frame, frame), 2000));
  EXPECT_FALSE(decompress(kZstd, joined(frame, frame), 1000));
}

TEST(Decompression, UnknownCodecsAreRefused) {
  for (const int codec : {2, 3, 128, 255})
    EXPECT_FALSE(decompress(static_cast<std::uint8_t>(codec), to_bytes("abc"), 3));
}

TEST(Decompression, EveryDamagedFrameGivesTheSizeOrNothing) {
  std::string text;
  for (int i = 0; i < 200; ++i)
    text += "line " + std::to_string(i) + "\n";
  const Bytes frame = packed(as_bytes(text));
  for (std::size_t bit = 0; bit < frame.size() * 8; ++bit) {
    Bytes bad = frame;
    bad[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    const auto out = decompress(kZstd, bad, text.size());
    if (out) {
      EXPECT_EQ(out->size(), text.size());
    }
  }
  for (std::size_t size = 0; size < frame.size(); ++size) {
    EXPECT_FALSE(decompress(kZstd, to_bytes(std::span(frame).first(size)), text.size()));
  }
}

}  // namespace
}  // namespace mikura

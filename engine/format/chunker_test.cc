#include "format/chunker.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

#include "format/format_test_values.h"

namespace mikura {
namespace {

ChunkKey chunk_key(unsigned char fill = 0x42) {
  ByteArray<32> bytes;
  bytes.fill(static_cast<std::byte>(fill));
  return ChunkKey(bytes);
}

const GearTable& gear() {
  static const GearTable table(chunk_key());
  return table;
}

Bytes noise(std::size_t size, const std::string& seed = "mikura") {
  Bytes data(size);
  CountingRandom(seed).fill(data);
  return data;
}

Chunker chunker_for(ByteSpan file, std::uint64_t size) {
  return {gear(), size, file.first(std::min(file.size(), kFileMagicBytes))};
}

// Shows the chunker at least what it must see, and up to `more` bytes beyond.
std::vector<std::size_t> cuts_of(ByteSpan file, std::size_t more = 0) {
  const Chunker chunker = chunker_for(file, file.size());
  std::vector<std::size_t> sizes;
  while (!file.empty()) {
    sizes.push_back(chunker.cut(file.first(std::min(file.size(), chunker.max_bytes() + more))));
    file = file.subspan(sizes.back());
  }
  return sizes;
}

std::multiset<Sha256Digest> hashes_of(ByteSpan file) {
  std::multiset<Sha256Digest> hashes;
  for (const std::size_t size : cuts_of(file)) {
    hashes.insert(sha256(file.first(size)));
    file = file.subspan(size);
  }
  return hashes;
}

std::uint64_t new_bytes(ByteSpan before, ByteSpan after) {
  auto known = hashes_of(before);
  std::uint64_t bytes = 0;
  for (const std::size_t size : cuts_of(after)) {
    if (!known.contains(sha256(after.first(size)))) bytes += size;
    after = after.subspan(size);
  }
  return bytes;
}

Bytes database(std::size_t size, std::size_t page_bytes) {
  Bytes file = noise(size, "database");
  const std::string_view magic("SQLite format 3\0", 16);
  std::ranges::copy(as_bytes(magic), file.begin());
  const std::size_t field = page_bytes == 65536 ? 1 : page_bytes;
  file[16] = static_cast<std::byte>(field >> 8);
  file[17] = static_cast<std::byte>(field);
  return file;
}

// Computed by another program (HKDF, gear hash and cuts in 30 lines of Python).
TEST(Chunker, CutsAsItAlwaysDid) {
  EXPECT_EQ(gear()[std::byte{0}], 0x251c05c09fb14804U);
  EXPECT_EQ(gear()[std::byte{2}], 0x94db53bb3830bfa1U);
  const std::vector<std::size_t> expected{37987, 46949, 39725, 37401, 46212, 38544, 34425,
                                          35023, 35967, 24477, 30340, 61607, 21194, 10149};
  EXPECT_EQ(cuts_of(noise(500'000)), expected);
}

TEST(Chunker, AnotherKeyCutsElsewhere) {
  const GearTable other(chunk_key(0x43));
  const Bytes file = noise(1 << 20);
  const Chunker chunker(other, file.size(), {});
  EXPECT_NE(chunker.cut(file), cuts_of(file).front());
}

RC_GTEST_PROP(Chunker, ACutDependsOnNothingBehindTheLargestChunk, ()) {
  const auto more = *rc::gen::inRange<std::size_t>(1, 300'000);
  const auto size = *rc::gen::inRange<std::size_t>(1, 600'000);
  const Bytes file = noise(size, std::to_string(*rc::gen::inRange(0, 20)));
  RC_ASSERT(cuts_of(file, more) == cuts_of(file));
}

RC_GTEST_PROP(Chunker, ChunksKeepTheirBoundsAndAddUp, ()) {
  const auto size = *rc::gen::inRange<std::size_t>(1, 600'000);
  Bytes file = noise(size, std::to_string(*rc::gen::inRange(0, 20)));
  // Runs of equal bytes never cut by themselves, or cut at once.
  const auto zeros = *rc::gen::inRange<std::size_t>(0, size);
  std::fill_n(file.begin(), zeros, static_cast<std::byte>(*rc::gen::inRange(0, 256)));
  const auto cuts = cuts_of(file);
  const ChunkSizes sizes = chunk_sizes_for(size);
  std::size_t total = 0;
  for (std::size_t i = 0; i < cuts.size(); ++i) {
    RC_ASSERT(cuts[i] <= sizes.max_bytes);
    RC_ASSERT(cuts[i] >= sizes.min_bytes || i + 1 == cuts.size());
    total += cuts[i];
  }
  RC_ASSERT(total == size);
}

TEST(Chunker, TheAverageIsNearWhatIsAskedFor) {
  const auto cuts = cuts_of(noise(16 << 20));
  const std::size_t average = (16U << 20) / cuts.size();
  EXPECT_GT(average, 24U << 10);
  EXPECT_LT(average, 48U << 10);
}

TEST(Chunker, FindsItsPlaceAgainAfterAnInsertionADeletionAndAnOverwrite) {
  const Bytes before = noise(4 << 20);
  for (int round = 0; round < 20; ++round) {
    const auto at = static_cast<std::ptrdiff_t>(100'000 + round * 190'001);
    Bytes inserted = before;
    const Bytes ten = noise(10, "ten");
    inserted.insert(inserted.begin() + at, ten.begin(), ten.end());
    EXPECT_LE(new_bytes(before, inserted), 4 * (128U << 10)) << at;
    Bytes deleted = before;
    deleted.erase(deleted.begin() + at, deleted.begin() + at + 1000);
    EXPECT_LE(new_bytes(before, deleted), 4 * (128U << 10)) << at;
    Bytes overwritten = before;
    std::ranges::copy(ten, overwritten.begin() + at);
    EXPECT_LE(new_bytes(before, overwritten), 4 * (128U << 10)) << at;
  }
}

TEST(Chunker, WhatIsAppendedChangesOnlyTheEnd) {
  const Bytes all = noise(4 << 20);
  const ByteSpan before = std::span(all).first((3 << 20) + 17);
  EXPECT_LE(new_bytes(before, all), (1U << 20) + (128U << 10));
}

TEST(Chunker, ADatabaseIsCutIntoRunsOfItsPages) {
  for (const std::size_t page : {512U, 4096U, 32768U, 65536U}) {
    const Bytes file = database((1 << 20) + page, page);
    const auto cuts = cuts_of(file);
    const std::size_t run = std::max<std::size_t>(page, 16384);
    for (std::size_t i = 0; i + 1 < cuts.size(); ++i)
      EXPECT_EQ(cuts[i], run) << page;
  }
}

TEST(Chunker, WhatOnlyLooksLikeADatabaseIsCutLikeAnythingElse) {
  for (const std::size_t page : {0U, 2U, 256U, 1000U, 65535U}) {
    const Bytes file = database(1 << 20, page);
    EXPECT_NE(cuts_of(file).front(), 16384U) << page;
  }
  const Bytes file = database(1 << 20, 4096);
  const Chunker short_of_a_header(gear(), file.size(), std::span(file).first(99));
  EXPECT_NE(short_of_a_header.cut(file), 16384U);
}

TEST(Chunker, NoFileHasTooManyChunks) {
  EXPECT_EQ(chunk_sizes_for(256ULL << 20), (ChunkSizes{8 << 10, 32 << 10, 128 << 10}));
  EXPECT_EQ(chunk_sizes_for((256ULL << 20) + 1), (ChunkSizes{16 << 10, 64 << 10, 256 << 10}));
  const Bytes beginning = database(kFileMagicBytes, 4096);
  for (std::uint64_t size = 1 << 20; size <= kMaxFileBytes; size *= 2) {
    for (const std::uint64_t file : {size - 1, size, std::min(size + 1, kMaxFileBytes)}) {
      const ChunkSizes sizes = chunk_sizes_for(file);
      EXPECT_LE((file + sizes.min_bytes - 1) / sizes.min_bytes, kMaxChunksPerFile) << file;
      EXPECT_LE(sizes.max_bytes, kMaxBlobBytes) << file;
      const Chunker runs(gear(), file, beginning);
      EXPECT_LE((file + runs.max_bytes() - 1) / runs.max_bytes(), kMaxChunksPerFile) << file;
    }
  }
}

}  // namespace
}  // namespace mikura

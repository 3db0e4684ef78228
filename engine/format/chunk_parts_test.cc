#include "format/chunk_parts.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <functional>
#include <set>

#include "format/codec.h"
#include "format/format_test_values.h"

namespace mikura {
namespace {

ChunkList long_list(std::size_t chunks, const std::string& seed = "chunks") {
  ChunkList list;
  list.file_sha256 = sha256(as_bytes(seed));
  for (std::size_t i = 0; i < chunks; ++i) {
    list.chunks.push_back(
        {sha256(as_bytes(seed + std::to_string(i))), static_cast<std::uint32_t>(i + 1)});
    list.size_bytes += i + 1;
  }
  return list;
}

// As docs/format.md says it, without looking at what is written.
Bytes raw_parted(const PartedChunkList& list, std::uint8_t format = 2) {
  Writer writer;
  writer.raw(as_bytes("MKCL"));
  writer.u8(format);
  writer.id(list.file_sha256);
  writer.u64(list.size_bytes);
  writer.varint(list.parts.size());
  for (const ChunkPart& part : list.parts) {
    writer.id(part.sha256);
    writer.u32(part.chunks);
    writer.u64(part.size_bytes);
  }
  return writer.take();
}

void expect_refused(const std::function<void(PartedChunkList&)>& change, std::string_view why) {
  PartedChunkList list = sample_parted_list();
  change(list);
  const auto decoded = decode_parted_list(raw_parted(list));
  ASSERT_TRUE(decoded.failed_with(Code::corrupt)) << why;
  EXPECT_NE(decoded.error().message().find(why), std::string::npos) << decoded.error().message();
}

TEST(ChunkParts, AListRoundTripsAndIsWrittenAsTheDocumentSays) {
  const PartedChunkList list = sample_parted_list();
  EXPECT_EQ(encode_parted_list(list), raw_parted(list));
  EXPECT_EQ(*decode_parted_list(raw_parted(list)), list);
  EXPECT_TRUE(is_parted_list(raw_parted(list)));
  EXPECT_FALSE(is_parted_list(encode_chunk_list(sample_chunk_list())));
  EXPECT_FALSE(is_parted_list({}));
}

TEST(ChunkParts, WhoKnowsOnlyFlatListsIsTold) {
  EXPECT_TRUE(decode_chunk_list(raw_parted(sample_parted_list())).failed_with(Code::unsupported));
  EXPECT_TRUE(
      decode_parted_list(raw_parted(sample_parted_list(), 3)).failed_with(Code::unsupported));
  EXPECT_TRUE(decode_parted_list(raw_parted(sample_parted_list(), 1)).failed_with(Code::corrupt));
}

TEST(ChunkParts, AListMustAddUpWithinItsLimits) {
  expect_refused([](auto& list) { list.size_bytes += 1; }, "do not add up");
  expect_refused([](auto& list) { list.parts.pop_back(); }, "do not add up");
  expect_refused([](auto& list) { list.parts.clear(); }, "no parts");
  expect_refused([](auto& list) { list.parts[0].chunks = 0; }, "number of chunks");
  expect_refused([](auto& list) { list.parts[0].chunks = kMaxChunksPerPart + 1; },
                 "number of chunks");
  expect_refused([](auto& list) { list.parts[0].size_bytes = list.parts[0].chunks - 1; }, "size");
  expect_refused(
      [](auto& list) { list.parts[0].size_bytes = list.parts[0].chunks * kMaxBlobBytes + 1; },
      "size");
  expect_refused([](auto& list) { list.parts.assign(1025, {list.file_sha256, 1024, 1024}); },
                 "too many chunks");
}

TEST(ChunkParts, EveryTruncationAndExtensionIsRefused) {
  Bytes list = raw_parted(sample_parted_list());
  for (std::size_t size = 0; size < list.size(); ++size)
    EXPECT_FALSE(decode_parted_list(std::span(list).first(size))) << size;
  list.push_back(std::byte{0});
  EXPECT_FALSE(decode_parted_list(list));

  const ChunkList chunks = sample_chunk_list();
  const ChunkPart of{{}, static_cast<std::uint32_t>(chunks.chunks.size()), chunks.size_bytes};
  Bytes part = encode_chunk_part(chunks.chunks);
  EXPECT_EQ(part.size(), chunk_part_bytes(of.chunks));
  EXPECT_EQ(*decode_chunk_part(part, of), chunks.chunks);
  for (std::size_t size = 0; size < part.size(); ++size)
    EXPECT_FALSE(decode_chunk_part(std::span(part).first(size), of)) << size;
  part.push_back(std::byte{0});
  EXPECT_FALSE(decode_chunk_part(part, of));
}

TEST(ChunkParts, APartIsWhatItsListSays) {
  const ChunkList chunks = sample_chunk_list();
  const Bytes part = encode_chunk_part(chunks.chunks);
  const auto count = static_cast<std::uint32_t>(chunks.chunks.size());
  EXPECT_TRUE(
      decode_chunk_part(part, {{}, count + 1, chunks.size_bytes}).failed_with(Code::corrupt));
  EXPECT_TRUE(
      decode_chunk_part(part, {{}, count - 1, chunks.size_bytes}).failed_with(Code::corrupt));
  EXPECT_TRUE(
      decode_chunk_part(part, {{}, count, chunks.size_bytes + 1}).failed_with(Code::corrupt));
}

TEST(ChunkParts, AShortListStaysFlatAndALongOneIsDivided) {
  const ChunkList small = long_list(kMaxFlatChunks);
  const EncodedChunkList flat = encode_for_store(small);
  EXPECT_TRUE(flat.parts.empty());
  EXPECT_EQ(*decode_chunk_list(flat.list), small);
  EXPECT_EQ(flat.content, sha256(flat.list));

  const ChunkList large = long_list(5000);
  const EncodedChunkList divided = encode_for_store(large);
  const auto list = decode_parted_list(divided.list);
  ASSERT_TRUE(list);
  ASSERT_EQ(list->parts.size(), divided.parts.size());
  std::vector<Chunk> chunks;
  for (std::size_t i = 0; i < list->parts.size(); ++i) {
    EXPECT_EQ(list->parts[i].sha256, sha256(divided.parts[i]));
    EXPECT_EQ(list->parts[i].sha256, divided.part_contents[i]);
    const auto part = decode_chunk_part(divided.parts[i], list->parts[i]);
    ASSERT_TRUE(part);
    chunks.insert(chunks.end(), part->begin(), part->end());
  }
  EXPECT_EQ(chunks, large.chunks);
  EXPECT_GT(divided.parts.size(), 5000U / 128);
  EXPECT_LT(divided.parts.size(), 5000U / 40);
}

TEST(ChunkParts, AChangedChunkRewritesFewParts) {
  const ChunkList before = long_list(5000);
  const EncodedChunkList old_list = encode_for_store(before);
  const std::set<Sha256Digest> old_parts(old_list.part_contents.begin(),
                                         old_list.part_contents.end());
  for (std::size_t at = 0; at < 5000; at += 97) {
    ChunkList after = before;
    after.chunks[at].sha256 = sha256(as_bytes("changed" + std::to_string(at)));
    const EncodedChunkList new_list = encode_for_store(after);
    const auto rewritten = std::ranges::count_if(
        new_list.part_contents, [&](const auto& part) { return !old_parts.contains(part); });
    EXPECT_LE(rewritten, 6) << at;
    EXPECT_GE(rewritten, 1) << at;
  }
}

RC_GTEST_PROP(ChunkParts, WhatIsNoListIsRefused, (const std::vector<std::uint8_t>& input)) {
  Bytes bytes = to_bytes(std::string_view("MKCL\2"));
  for (const std::uint8_t b : input)
    bytes.push_back(static_cast<std::byte>(b));
  const auto list = decode_parted_list(bytes);
  if (list) RC_ASSERT(encode_parted_list(*list) == bytes);
}

}  // namespace
}  // namespace mikura

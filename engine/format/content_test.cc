#include "format/content.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <functional>

#include "format/codec.h"
#include "format/envelope.h"
#include "format/format_test_values.h"

namespace mikura {
namespace {

// docs/format.md, "Chunk lists", without the encoder.
Bytes raw_chunk_list(const ChunkList& list) {
  Writer writer;
  writer.raw(as_bytes("MKCL"));
  writer.u8(1);
  writer.id(list.file_sha256);
  writer.u64(list.size_bytes);
  writer.varint(list.chunks.size());
  for (const Chunk& chunk : list.chunks) {
    writer.id(chunk.sha256);
    writer.u32(chunk.size_bytes);
  }
  return writer.take();
}

void expect_refused(const std::function<void(ChunkList&)>& change, std::string_view why) {
  ChunkList list = sample_chunk_list();
  change(list);
  const auto decoded = decode_chunk_list(raw_chunk_list(list));
  ASSERT_TRUE(decoded.failed_with(Code::corrupt));
  EXPECT_NE(decoded.error().message().find(why), std::string::npos) << decoded.error().message();
}

TEST(ChunkList, RoundTripsAndIsWrittenAsTheDocumentSays) {
  const ChunkList list = sample_chunk_list();
  EXPECT_EQ(encode_chunk_list(list), raw_chunk_list(list));
  EXPECT_EQ(*decode_chunk_list(raw_chunk_list(list)), list);
}
TEST(ChunkList, MustAddUp) {
  expect_refused([](ChunkList& list) { list.size_bytes += 1; }, "do not add up");
  expect_refused([](ChunkList& list) { list.chunks.pop_back(); }, "do not add up");
}
TEST(ChunkList, ChunksHaveTheSizeOfBlobs) {
  expect_refused(
      [](ChunkList& list) {
        list.chunks[1].size_bytes = 0;
        list.size_bytes -= 5;
      },
      "impossible size");
  expect_refused(
      [](ChunkList& list) {
        list.chunks[0].size_bytes += 1;
        list.size_bytes += 1;
      },
      "impossible size");
}
TEST(ChunkList, HasChunks) {
  expect_refused(
      [](ChunkList& list) {
        list.chunks.clear();
        list.size_bytes = 0;
      },
      "no chunks");
}
TEST(ChunkList, MayRepeatAChunkAndDivideAsItLikes) {
  ChunkList list = sample_chunk_list();
  list.chunks = {list.chunks[1], list.chunks[1], list.chunks[0], list.chunks[1]};
  list.size_bytes += 10;
  EXPECT_EQ(*decode_chunk_list(raw_chunk_list(list)), list);
}
TEST(ChunkList, ACountBeyondTheInputDoesNotAllocate) {
  const Bytes bytes = raw_chunk_list(sample_chunk_list());
  for (const std::uint64_t count : {kMaxChunksPerFile, kMaxChunksPerFile + 1, UINT64_MAX}) {
    Writer writer;
    writer.raw(std::span(bytes).first(4 + 1 + 32 + 8));
    writer.varint(count);
    EXPECT_TRUE(decode_chunk_list(writer.bytes()).failed_with(Code::corrupt));
  }
}
TEST(ChunkList, ANewerFormatIsUnsupported) {
  Bytes bytes = raw_chunk_list(sample_chunk_list());
  bytes[4] = std::byte{2};
  EXPECT_TRUE(decode_chunk_list(bytes).failed_with(Code::unsupported));
  bytes[4] = std::byte{0};
  EXPECT_TRUE(decode_chunk_list(bytes).failed_with(Code::corrupt));
}
TEST(ChunkList, EveryTruncationAndExtensionIsRefused) {
  Bytes bytes = raw_chunk_list(sample_chunk_list());
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode_chunk_list(std::span(bytes).first(size))) << size;
  bytes.push_back(std::byte{0});
  EXPECT_FALSE(decode_chunk_list(bytes));
}
TEST(ChunkList, TheLargestFitsItsLimit) {
  EXPECT_LE(4 + 1 + 32 + 8 + 10 + kMaxChunksPerFile * 36, kMaxChunkListBytes);
  EXPECT_EQ(kMaxFileBytes, 16ULL << 40);
}

RC_GTEST_PROP(ChunkList, RoundTrips, (const std::vector<std::uint32_t>& sizes)) {
  RC_PRE(!sizes.empty());
  ChunkList list;
  list.file_sha256 = sha256(as_bytes("file"));
  for (const std::uint32_t size : sizes) {
    list.chunks.push_back({sha256(as_bytes(std::to_string(size))),
                           1 + size % static_cast<std::uint32_t>(kMaxBlobBytes)});
    list.size_bytes += list.chunks.back().size_bytes;
  }
  const Bytes bytes = encode_chunk_list(list);
  const auto decoded = decode_chunk_list(bytes);
  RC_ASSERT(decoded.has_value());
  RC_ASSERT(*decoded == list);
}

TEST(Names, TheDefaultSchemeTellsNothingAndThePlainSchemeIsTheHash) {
  const Keyring keyring = sample_keyring();
  const Sha256Digest content = sha256(as_bytes("hello"));
  EXPECT_EQ(blob_id(NamingScheme::sha256, keyring.name_key, content).hex(), content.hex());
  const BlobId keyed = blob_id(NamingScheme::hmac_sha256, keyring.name_key, content);
  EXPECT_EQ(keyed, BlobId(std::span<const std::byte, 32>(
                       hmac_sha256(keyring.name_key.expose(), content.bytes()))));
  EXPECT_NE(keyed.hex(), content.hex());
  CountingRandom random("another repository");
  const Keyring other = make_keyring(Sha256Digest(), 0, random);
  EXPECT_NE(blob_id(NamingScheme::hmac_sha256, other.name_key, content), keyed);
}

TEST(Names, OfObjects) {
  const BlobId id(sha256(as_bytes("hello")).bytes());
  EXPECT_EQ(object_name(id),
            "objects/2c/2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
  EXPECT_EQ(index_name(version_of(0x22)), "indexes/017f22e2-79b0-7cc3-98c4-dc0c0c073922");
  EXPECT_EQ(log_segment_name(filled_id<Uuid>(0xab)), "log/abababab-abab-abab-abab-abababababab");
}

}  // namespace
}  // namespace mikura

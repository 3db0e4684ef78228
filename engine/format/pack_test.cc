#include "format/pack.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "format/codec.h"
#include "format/format_test_values.h"

namespace mikura {
namespace {

std::vector<PackEntry> arbitrary_entries() {
  std::vector<PackEntry> entries;
  const auto count = *rc::gen::inRange(1, 40);
  std::uint32_t at = 0;
  for (int i = 0; i < count; ++i) {
    at += static_cast<std::uint32_t>(*rc::gen::inRange(0, 3));
    const auto size = static_cast<std::uint32_t>(*rc::gen::inRange(1, 5000));
    entries.push_back({sha256(as_bytes(std::to_string(i))), at, size});
    at += size;
  }
  return entries;
}

RC_GTEST_PROP(Pack, ADirectoryIsReadBackAsItWasWritten, ()) {
  const auto entries = arbitrary_entries();
  const std::uint64_t end = std::uint64_t{entries.back().offset_bytes} + entries.back().size_bytes;
  const Bytes bytes = encode_pack_directory(entries);
  RC_ASSERT(*decode_pack_directory(bytes, end) == entries);
  RC_ASSERT(decode_pack_directory(bytes, end - 1).failed_with(Code::corrupt));
}

RC_GTEST_PROP(Pack, ACatalogIsReadBackAsItWasWritten, ()) {
  Catalog catalog;
  const auto packs = *rc::gen::inRange(1, 8);
  for (int i = 0; i < packs; ++i)
    catalog.packs.push_back({filled_id<Uuid>(static_cast<unsigned char>(i)), arbitrary_entries()});
  RC_ASSERT(*decode_catalog(encode_catalog(catalog)) == catalog);
}

Bytes directory_of(const std::vector<PackEntry>& entries) {
  Writer writer;
  writer.raw(as_bytes("MKPD"));
  writer.u8(1);
  writer.varint(entries.size());
  for (const PackEntry& entry : entries) {
    writer.id(entry.content);
    writer.u32(entry.offset_bytes);
    writer.u32(entry.size_bytes);
  }
  return writer.take();
}

TEST(Pack, ADirectoryThatCannotBeTrueIsRefused) {
  const Sha256Digest content = sha256(as_bytes("x"));
  EXPECT_TRUE(decode_pack_directory(directory_of({{content, 5, 10}}), 15));
  EXPECT_TRUE(decode_pack_directory(directory_of({}), 15).failed_with(Code::corrupt)) << "empty";
  EXPECT_TRUE(
      decode_pack_directory(directory_of({{content, 5, 0}}), 15).failed_with(Code::corrupt));
  EXPECT_TRUE(
      decode_pack_directory(directory_of({{content, 6, 10}}), 15).failed_with(Code::corrupt))
      << "beyond the blobs";
  EXPECT_TRUE(decode_pack_directory(directory_of({{content, 0xffffffff, 0xffffffff}}), 15)
                  .failed_with(Code::corrupt))
      << "no sum wraps";
  EXPECT_TRUE(decode_pack_directory(directory_of({{content, 0, 10}, {content, 9, 3}}), 15)
                  .failed_with(Code::corrupt))
      << "overlapping";
  EXPECT_TRUE(decode_pack_directory(directory_of({{content, 5, 3}, {content, 0, 3}}), 15)
                  .failed_with(Code::corrupt))
      << "out of order";
  Bytes more = directory_of({{content, 5, 10}});
  more.push_back(std::byte{0});
  EXPECT_TRUE(decode_pack_directory(more, 15).failed_with(Code::corrupt)) << "bytes left over";
}

TEST(Pack, AHugeCountAllocatesNothing) {
  Writer writer;
  writer.raw(as_bytes("MKPD"));
  writer.u8(1);
  writer.varint(kMaxPackEntries);
  EXPECT_TRUE(decode_pack_directory(writer.take(), 1 << 20).failed_with(Code::corrupt));
}

TEST(Pack, ANewerDirectoryOrCatalogAsksForAnUpdate) {
  Bytes directory = encode_pack_directory(sample_pack_entries());
  directory[4] = std::byte{2};
  EXPECT_TRUE(decode_pack_directory(directory, 1000).failed_with(Code::unsupported));
  Bytes catalog = encode_catalog(sample_catalog());
  catalog[4] = std::byte{2};
  EXPECT_TRUE(decode_catalog(catalog).failed_with(Code::unsupported));
}

TEST(Pack, ACatalogNamesEachPackOnceAndInOrder) {
  Catalog catalog = sample_catalog();
  Bytes bytes = encode_catalog(catalog);
  // The second pack's id follows magic, format, count, the first id, its count and two entries.
  const std::size_t second = 4 + 1 + 1 + 16 + 1 + 2 * 40;
  for (const unsigned char id : {0x71, 0x70}) {
    std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(second), 16,
                static_cast<std::byte>(id));
    EXPECT_TRUE(decode_catalog(bytes).failed_with(Code::corrupt)) << int{id};
  }
}

TEST(Pack, AFooterIsReadBackAndAnythingElseRefused) {
  EXPECT_EQ(*decode_pack_footer(encode_pack_footer(1)), 1U);
  EXPECT_TRUE(decode_pack_footer(encode_pack_footer(0)).failed_with(Code::corrupt));
  EXPECT_TRUE(decode_pack_footer(encode_pack_footer(0xffffffff)).failed_with(Code::corrupt));
  EXPECT_TRUE(decode_pack_footer(as_bytes("MKPK")).failed_with(Code::corrupt));
}

TEST(Pack, NamesHoldTheirIds) {
  const Uuid id = filled_id<Uuid>(0x71);
  EXPECT_EQ(pack_name(id), "packs/71717171-7171-7171-7171-717171717171");
  EXPECT_EQ(id_in_name(pack_name(id), kPacksPrefix), id);
  EXPECT_EQ(id_in_name(catalog_name(id), kCatalogsPrefix), id);
  EXPECT_EQ(id_in_name("packs/x", kPacksPrefix), std::nullopt);
  EXPECT_EQ(id_in_name(pack_name(id), kCatalogsPrefix), std::nullopt);
}

}  // namespace
}  // namespace mikura

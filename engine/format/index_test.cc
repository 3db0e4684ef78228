#include "format/index.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "format/codec.h"
#include "format/format_test_values.h"

namespace mikura {
namespace {

TEST(Index, RoundTripsWithAllKindsOfEntries) {
  const Index index = sample_index();
  const Bytes encoded = encode_index(index);
  const auto decoded = decode_index(encoded);
  ASSERT_TRUE(decoded) << decoded.error().message();
  EXPECT_EQ(*decoded, index);
  EXPECT_EQ(encode_index(*decoded), encoded);
}

TEST(Index, EntriesAreFoundByPath) {
  const Index index = sample_index();
  EXPECT_EQ(find_entry(index.entries, "a/x.txt")->mode, 0755);
  EXPECT_EQ(find_entry(index.entries, "a/y"), nullptr);
}

// An index written without the encoder's checks, entry by entry.
Bytes raw_index(const std::vector<std::pair<std::string, EntryKind>>& entries) {
  Index head = sample_index();
  head.entries.clear();
  Bytes bytes = encode_index(head);
  bytes.pop_back();  // the count 0
  Writer writer;
  writer.raw(bytes);
  writer.varint(entries.size());
  std::string previous;
  for (const auto& [path, kind] : entries) {
    std::size_t shared = 0;
    while (shared < previous.size() && shared < path.size() && previous[shared] == path[shared]) ++shared;
    writer.varint(shared);
    writer.text(std::string_view(path).substr(shared));
    writer.u8(static_cast<std::uint8_t>(kind));
    writer.u16(0644);
    writer.i64(0);
    if (kind == EntryKind::file) {
      writer.varint(0);
      writer.id(Sha256Digest());
      writer.u8(1);
    } else if (kind == EntryKind::symlink) {
      writer.text("target");
    }
    previous = path;
  }
  return writer.take();
}

void expect_refused(const std::vector<std::pair<std::string, EntryKind>>& entries) {
  EXPECT_TRUE(decode_index(raw_index(entries)).failed_with(Code::corrupt));
}

constexpr auto kFile = EntryKind::file;
constexpr auto kFolder = EntryKind::directory;
constexpr auto kLink = EntryKind::symlink;

TEST(Index, TheRawWriterOfThisTestIsRight) { EXPECT_TRUE(decode_index(raw_index({{"a", kFolder}, {"a-b", kFile}, {"a/b", kFile}, {"c", kLink}}))); }

TEST(Index, UnsortedPathsAreRefused) { expect_refused({{"b", kFile}, {"a", kFile}}); }
TEST(Index, DuplicatePathsAreRefused) { expect_refused({{"a", kFile}, {"a", kFile}}); }
TEST(Index, APathBeneathAFileIsRefused) { expect_refused({{"a", kFile}, {"a/b", kFile}}); }
TEST(Index, APathBeneathASymlinkIsRefused) { expect_refused({{"a", kLink}, {"a/b", kFile}}); }
TEST(Index, APathWithoutItsFolderIsRefused) { expect_refused({{"a/b", kFile}}); }
TEST(Index, AFolderTwoLevelsUpIsNotEnough) { expect_refused({{"a", kFolder}, {"a/b/c", kFile}}); }
TEST(Index, PathsThatLeaveTheRootAreRefused) { expect_refused({{"..", kFolder}, {"../etc", kFile}}); }
TEST(Index, AGitFolderIsRefused) { expect_refused({{".git", kFolder}, {".git/config", kFile}}); }

TEST(Index, AnotherFormatVersionIsUnsupportedNotCorrupt) {
  Bytes bytes = encode_index(sample_index());
  bytes[4] = std::byte{2};
  EXPECT_TRUE(decode_index(bytes).failed_with(Code::unsupported));
}

TEST(Index, EveryTruncationIsRefused) {
  const Bytes bytes = encode_index(sample_index());
  for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(decode_index(std::span(bytes).first(size))) << size;
}

TEST(Index, ACountBeyondTheInputDoesNotAllocate) {
  Index head = sample_index();
  head.entries.clear();
  Bytes bytes = encode_index(head);
  bytes.pop_back();
  Writer writer;
  writer.raw(bytes);
  writer.varint(kMaxIndexEntries);
  EXPECT_TRUE(decode_index(writer.bytes()).failed_with(Code::corrupt));
}

RC_GTEST_PROP(Index, WhateverDecodesEncodesToTheSameBytes, (std::uint32_t position, std::uint8_t value)) {
  Bytes bytes = encode_index(sample_index());
  bytes[position % bytes.size()] = static_cast<std::byte>(value);
  const auto decoded = decode_index(bytes);
  if (decoded) RC_ASSERT(encode_index(*decoded) == bytes);
}

TEST(Index, AHundredThousandEntriesRoundTrip) {
  Index index = sample_index();
  index.entries.clear();
  for (int folder = 0; folder < 100; ++folder) {
    const std::string name = "folder" + std::to_string(1000 + folder);
    index.entries.push_back(directory_entry(name));
    for (int file = 0; file < 1000; ++file) index.entries.push_back(file_entry(name + "/file" + std::to_string(10000 + file), name));
  }
  const auto decoded = decode_index(encode_index(index));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(*decoded, index);
}

}  // namespace
}  // namespace mikura

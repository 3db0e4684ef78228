#include "format/index_segments.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "format/format_test_values.h"

namespace mikura {
namespace {

CutKey cut_key(unsigned char fill = 1) {
  ByteArray<32> bytes;
  bytes.fill(static_cast<std::byte>(fill));
  return derive_cut_key(ChunkKey(bytes));
}

// Folders of 50 files each.
std::vector<Entry> many(std::size_t files) {
  std::vector<Entry> entries;
  for (std::size_t i = 0; i < files; ++i) {
    const std::string number = std::to_string(1'000'000 + i);
    const std::string folder = "folder-" + std::to_string(100'000 + i / 50);
    if (i % 50 == 0) entries.push_back(directory_entry(folder));
    entries.push_back(file_entry(folder + "/file-" + number + ".txt", number));
  }
  return entries;
}

struct Written {
  std::vector<SegmentRef> segments;
  std::map<Sha256Digest, Bytes> stored;
};

Written write(const std::vector<Entry>& entries, const CutKey& key = cut_key()) {
  Written written;
  SegmentWriter writer(key, [&](const SegmentRef& segment, Bytes encoded) -> Result<void> {
    written.stored[segment.sha256] = std::move(encoded);
    return {};
  });
  for (const Entry& entry : entries)
    EXPECT_TRUE(writer.add(entry));
  written.segments = *writer.finish();
  return written;
}

Result<std::vector<Entry>> read(const Written& written,
                                std::uint64_t max_text = kMaxIndexTextBytes) {
  SegmentedEntries stream(
      written.segments,
      [&](const SegmentRef& segment) -> Result<Bytes> {
        const auto found = written.stored.find(segment.sha256);
        if (found == written.stored.end()) return Error(Code::not_found, "not stored");
        return found->second;
      },
      max_text);
  std::vector<Entry> entries;
  for (;;) {
    TRY_ASSIGN(const Entry* entry, stream.next());
    if (entry == nullptr) return entries;
    entries.push_back(*entry);
  }
}

// Segments of these entries, divided as given and encoded without any check.
Written divided(const std::vector<std::vector<Entry>>& parts) {
  Written written;
  for (const auto& part : parts) {
    Bytes encoded = encode_segment(part);
    written.segments.push_back(reference_to(static_cast<std::uint32_t>(part.size()), encoded));
    written.stored[written.segments.back().sha256] = std::move(encoded);
  }
  return written;
}

void expect_refused(const Written& written, std::string_view why) {
  const auto entries = read(written);
  ASSERT_TRUE(entries.failed_with(Code::corrupt)) << "it was taken";
  EXPECT_NE(entries.error().message().find(why), std::string::npos) << entries.error().message();
}

Entry file(std::string path) {
  return file_entry(std::move(path), "x");
}
Entry folder(std::string path) {
  return directory_entry(std::move(path));
}

TEST(IndexSegments, GiveBackTheEntriesInSegmentsOfAModestSize) {
  const std::vector<Entry> entries = many(20'000);
  const Written written = write(entries);
  EXPECT_EQ(*read(written), entries);
  // 512 entries on average.
  EXPECT_GT(written.segments.size(), entries.size() / 900);
  EXPECT_LT(written.segments.size(), entries.size() / 300);
  for (const SegmentRef& segment : written.segments) {
    EXPECT_LE(segment.entries, 2048U);
    EXPECT_TRUE(segment.entries >= 128U || &segment == &written.segments.back());
  }
}

TEST(IndexSegments, OneChangedAddedOrRemovedFileWritesOneOrTwoSegments) {
  const std::vector<Entry> entries = many(20'000);
  const Written before = write(entries);
  const auto fresh = [&](const std::vector<Entry>& changed) {
    std::size_t count = 0;
    for (const auto& [sha256, encoded] : write(changed).stored)
      count += before.stored.contains(sha256) ? 0 : 1;
    return count;
  };
  std::size_t edits = 0, additions = 0, removals = 0;
  for (std::size_t i = 100; i < 20'000; i += 997) {
    std::vector<Entry> changed = entries;
    Entry& entry = changed[i].kind == EntryKind::file ? changed[i] : changed[++i];
    entry.sha256 = entry.content = sha256(as_bytes("changed"));
    edits += fresh(changed);
    changed = entries;
    changed.insert(changed.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                   file(changed[i].path + "-"));
    additions += fresh(changed);
    changed = entries;
    changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(i));
    removals += fresh(changed);
  }
  EXPECT_EQ(edits, 20U);  // the same cuts: exactly one each
  EXPECT_LE(additions, 26U);
  EXPECT_LE(removals, 26U);
}

// Whoever sees the sizes of segments shall learn nothing about names.
TEST(IndexSegments, CutsDependOnTheKey) {
  const std::vector<Entry> entries = many(20'000);
  EXPECT_EQ(write(entries).segments, write(entries).segments);
  std::set<std::uint32_t> ends;
  std::uint32_t at = 0;
  for (const SegmentRef& segment : write(entries).segments)
    ends.insert(at += segment.entries);
  std::size_t same = 0;
  at = 0;
  const auto others = write(entries, cut_key(2)).segments;
  for (const SegmentRef& segment : others)
    same += ends.contains(at += segment.entries) ? 1 : 0;
  EXPECT_LE(same, 3U);  // the end, and chance
}

TEST(IndexSegments, LongPathsEndASegmentEarly) {
  std::vector<Entry> entries;
  std::string path;
  for (int depth = 0; depth < 15; ++depth) {
    path += (depth == 0 ? "" : "/") + std::string(255, 'x');
    entries.push_back(folder(path));
  }
  for (int i = 1000; i < 2500; ++i) {
    Entry link = symlink_entry(path + "/" + std::to_string(i), std::string(4000, 't'));
    entries.push_back(std::move(link));
  }
  const Written written = write(entries);
  for (const SegmentRef& segment : written.segments)
    EXPECT_LE(segment.size_bytes, 300U * 1024);
  EXPECT_EQ(*read(written), entries);
}

TEST(IndexSegments, ReadersTakeAnyDivision) {
  const Written written = divided({{folder("a")}, {folder("a-b"), file("a-b/c"), file("a/b")}});
  EXPECT_EQ(read(written)->size(), 4U);
}

// What holds for one list holds across the borders of segments.
TEST(IndexSegments, SegmentsOutOfOrderAreRefused) {
  expect_refused(divided({{file("b")}, {file("a")}}), "not in order");
}
TEST(IndexSegments, OverlappingSegmentsAreRefused) {
  expect_refused(divided({{file("a"), file("c")}, {file("b"), file("d")}}), "not in order");
  expect_refused(divided({{file("a"), file("b")}, {file("b"), file("c")}}), "not in order");
}
TEST(IndexSegments, TheSameSegmentTwiceIsRefused) {
  expect_refused(divided({{file("a")}, {file("a")}}), "not in order");
}
TEST(IndexSegments, APathWithoutItsFolderIsRefusedInAnySegment) {
  expect_refused(divided({{file("a")}, {file("b/c")}}), "no folder above");
  expect_refused(divided({{file("a")}, {file("a/b")}}), "no folder above");
}
TEST(IndexSegments, PathsOfAllSegmentsCountAgainstTheLimit) {
  const Written written = divided({{file("aaaa")}, {file("bbbb")}});
  EXPECT_TRUE(read(written, 8));
  EXPECT_TRUE(read(written, 7).failed_with(Code::corrupt));
}

TEST(IndexSegments, AnotherContentThanTheIndexNamesIsRefused) {
  Written written = divided({{file("a")}, {file("b")}});
  std::swap(written.stored[written.segments[0].sha256], written.stored[written.segments[1].sha256]);
  expect_refused(written, "not the one");
}
TEST(IndexSegments, WrongCountsAndSizesAreRefused) {
  for (const std::uint32_t wrong : {1U, 3U}) {
    Written written = divided({{file("a"), file("b")}});
    written.segments[0].entries = wrong;
    expect_refused(written, "another number of entries");
  }
  Written written = divided({{file("a")}});
  ++written.segments[0].size_bytes;
  expect_refused(written, "not the one");
}
TEST(IndexSegments, AnythingElseThanASegmentIsRefused) {
  const Bytes good = encode_segment(std::vector<Entry>{file("a")});
  const auto refuse = [](Bytes bytes, std::string_view why) {
    Written written;
    written.segments.push_back(reference_to(1, bytes));
    written.stored[written.segments[0].sha256] = std::move(bytes);
    expect_refused(written, why);
  };
  Bytes bytes = good;
  bytes[0] = std::byte{'X'};
  refuse(bytes, "does not start");
  bytes = good;
  bytes[4] = std::byte{0};
  refuse(bytes, "version 0");
  bytes = good;
  bytes.push_back(std::byte{0});
  refuse(bytes, "a segment of the index");
  for (std::size_t size = 0; size < good.size(); ++size)
    refuse(to_bytes(std::span(good).first(size)), "a segment of the index");
}
TEST(IndexSegments, ANewerFormatNeedsAnUpdate) {
  Bytes bytes = encode_segment(std::vector<Entry>{file("a")});
  bytes[4] = std::byte{2};
  Written written;
  written.segments.push_back(reference_to(1, bytes));
  written.stored[written.segments[0].sha256] = bytes;
  EXPECT_TRUE(read(written).failed_with(Code::unsupported));
}
TEST(IndexSegments, PrefixesStartAnewInEachSegment) {
  // "ab" written as "1 byte of the one before, then b", where there is none before.
  Writer writer;
  writer.raw(as_bytes("MKIS"));
  writer.u8(1);
  writer.varint(1);
  writer.varint(1);
  writer.text("b");
  Written written = divided({{file("a")}});
  written.segments.push_back(reference_to(1, writer.bytes()));
  written.stored[written.segments[1].sha256] = writer.bytes();
  expect_refused(written, "a segment of the index");
}
TEST(IndexSegments, WhatFailsToComeIsTold) {
  Written written = divided({{file("a")}});
  written.stored.clear();
  EXPECT_TRUE(read(written).failed_with(Code::not_found));
}

// The object that names the segments.
Bytes root_of(const std::vector<SegmentRef>& segments) {
  // Without any check: an index with this list in place of that of a valid one.
  const std::vector<SegmentRef> one{{sha256(as_bytes("x")), 1, 1}};
  Bytes bytes = encode_index_root(sample_index(), one);
  bytes.resize(bytes.size() - 1 - 32 - 2);
  Writer list;
  list.varint(segments.size());
  for (const SegmentRef& segment : segments) {
    list.id(segment.sha256);
    list.varint(segment.entries);
    list.varint(segment.size_bytes);
  }
  append(bytes, list.bytes());
  return bytes;
}

TEST(IndexRoot, RoundTrips) {
  const auto segments = sample_segment_refs();
  const Bytes encoded = encode_index_root(sample_index(), segments);
  EXPECT_EQ(encoded, root_of(segments));
  EXPECT_TRUE(is_segmented(encoded));
  const auto root = decode_index_root(encoded);
  ASSERT_TRUE(root) << root.error().message();
  EXPECT_EQ(root->segments, segments);
  EXPECT_TRUE(root->index.entries.empty());
  EXPECT_EQ(encode_index_root(root->index, root->segments), encoded);
}

TEST(IndexRoot, OfAWholeIndexIsTheIndex) {
  const Bytes encoded = encode_index(sample_index());
  EXPECT_FALSE(is_segmented(encoded));
  EXPECT_EQ(*decode_index_root(encoded), (IndexRoot{sample_index(), {}}));
}

// Whoever asks for the entries must not get an empty tree instead.
TEST(IndexRoot, IsNoWholeIndex) {
  EXPECT_TRUE(decode_index(root_of(sample_segment_refs())).failed_with(Code::corrupt));
}

TEST(IndexRoot, ImpossibleSegmentsAreRefused) {
  const SegmentRef good{sha256(as_bytes("x")), 5, 100};
  const auto refuse = [](std::vector<SegmentRef> segments) {
    EXPECT_TRUE(decode_index_root(root_of(segments)).failed_with(Code::corrupt));
  };
  EXPECT_TRUE(decode_index_root(root_of({good})));
  refuse({});
  refuse({{good.sha256, 0, 100}});
  refuse({{good.sha256, 5, 0}});
  refuse({{good.sha256, kMaxSegmentEntries + 1, 100}});
  refuse({{good.sha256, 5, kMaxSegmentBytes + 1}});
  refuse(std::vector<SegmentRef>(kMaxIndexSegments + 1, good));
  refuse(std::vector<SegmentRef>(700, {good.sha256, kMaxSegmentEntries, kMaxSegmentBytes}));
  Bytes bytes = root_of({good});
  bytes.push_back(std::byte{0});
  EXPECT_TRUE(decode_index_root(bytes).failed_with(Code::corrupt));
}

}  // namespace
}  // namespace mikura

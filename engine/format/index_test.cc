#include "format/index.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <functional>
#include <map>

#include "format/codec.h"
#include "format/envelope.h"
#include "format/format_test_values.h"
#include "format/path.h"

namespace mikura {
namespace {

// An index as docs/format.md describes it, written without any of the encoder's checks.
Bytes raw_index(const Index& index) {
  Writer writer;
  writer.raw(as_bytes("MKIX"));
  writer.u8(1);
  writer.id(index.repository);
  writer.id(index.version);
  writer.u64(index.generation);
  writer.varint(index.parents.size());
  for (const ParentRef& parent : index.parents) {
    writer.id(parent.version);
    writer.id(parent.index_sha256);
  }
  writer.i64(index.created_unix_ms);
  writer.id(index.device);
  for (const auto* text : {&index.device_name, &index.author, &index.message, &index.program}) {
    writer.text(*text);
  }
  writer.u16(index.root_mode);
  writer.i64(index.root_mtime_ns);
  writer.varint(index.entries.size());
  std::string previous;
  for (const Entry& entry : index.entries) {
    std::size_t shared = 0;
    while (shared < previous.size() && shared < entry.path.size() &&
           previous[shared] == entry.path[shared]) {
      ++shared;
    }
    writer.varint(shared);
    writer.text(std::string_view(entry.path).substr(shared));
    writer.u8(static_cast<std::uint8_t>(entry.kind));
    writer.u16(entry.mode);
    writer.i64(entry.mtime_ns);
    if (entry.kind == EntryKind::file) {
      writer.varint(entry.size_bytes);
      writer.id(entry.sha256);
      writer.u8(static_cast<std::uint8_t>(entry.form));
      if (entry.form == ContentForm::chunks) writer.id(entry.content);
    } else if (entry.kind == EntryKind::symlink) {
      writer.text(entry.target);
    }
    previous = entry.path;
  }
  return writer.take();
}

Index index_of(std::vector<Entry> entries) {
  Index index = sample_index();
  index.entries = std::move(entries);
  return index;
}

void expect_refused(const Index& index, std::string_view why) {
  const auto decoded = decode_index(raw_index(index));
  ASSERT_FALSE(decoded) << "it was taken";
  EXPECT_EQ(decoded.error().code(), Code::corrupt);
  EXPECT_NE(decoded.error().message().find(why), std::string::npos) << decoded.error().message();
}

void expect_entries_refused(std::vector<Entry> entries, std::string_view why) {
  expect_refused(index_of(std::move(entries)), why);
}

// The sample index with one thing changed.
void expect_change_refused(const std::function<void(Index&)>& change, std::string_view why) {
  Index index = sample_index();
  change(index);
  expect_refused(index, why);
}

Entry file(std::string path) {
  return file_entry(std::move(path), "x");
}
Entry folder(std::string path) {
  return directory_entry(std::move(path));
}
Entry link(std::string path) {
  return symlink_entry(std::move(path), "target");
}

TEST(Index, RoundTripsWithAllKindsOfEntries) {
  const Index index = sample_index();
  const Bytes encoded = encode_index(index);
  const auto decoded = decode_index(encoded);
  ASSERT_TRUE(decoded) << decoded.error().message();
  EXPECT_EQ(*decoded, index);
  EXPECT_EQ(encode_index(*decoded), encoded);
}

TEST(Index, IsWrittenAsTheDocumentSays) {
  EXPECT_EQ(to_hex(encode_index(sample_index())), to_hex(raw_index(sample_index())));
}

TEST(Index, EntriesAreFoundByPath) {
  const Index index = sample_index();
  EXPECT_EQ(find_entry(index.entries, "a/x.txt")->mode, 0755);
  EXPECT_EQ(find_entry(index.entries, "a/y"), nullptr);
  EXPECT_EQ(find_entry({}, "a"), nullptr);
}

TEST(Index, MayBeEmpty) {
  EXPECT_TRUE(decode_index(encode_index(index_of({}))));
}

// "a-b" sorts between "a" and what is in it.
TEST(Index, NamesThatSortBetweenAFolderAndItsContentAreFine) {
  EXPECT_TRUE(
      decode_index(raw_index(index_of({folder("a"), folder("a-b"), file("a-b/x"), file("a.c"),
                                       folder("a/b"), file("a/b/c"), file("a/d")}))));
}

// Order and tree.
TEST(Index, UnsortedPathsAreRefused) {
  expect_entries_refused({file("b"), file("a")}, "not in order");
}
TEST(Index, DuplicatePathsAreRefused) {
  expect_entries_refused({file("a"), file("a")}, "not in order");
}
TEST(Index, PathsInTheOrderOfTheTreeInsteadOfBytesAreRefused) {
  expect_entries_refused({folder("a"), file("a/b"), file("a-b")}, "not in order");
}
TEST(Index, APathBeneathAFileIsRefused) {
  expect_entries_refused({file("a"), file("a/b")}, "no folder above");
}
TEST(Index, APathBeneathASymlinkIsRefused) {
  expect_entries_refused({link("a"), file("a/b")}, "no folder above");
}
TEST(Index, APathWithoutItsFolderIsRefused) {
  expect_entries_refused({file("a/b")}, "no folder above");
}
TEST(Index, AFolderTwoLevelsUpIsNotEnough) {
  expect_entries_refused({folder("a"), file("a/b/c")}, "no folder above");
}
TEST(Index, AFolderThatComesAfterItsContentIsRefused) {
  expect_entries_refused({folder("a"), file("a/b/c"), folder("a/b")}, "no folder above");
}
TEST(Index, AFolderWithALongerNameIsNotTheFolderAbove) {
  expect_entries_refused({folder("ab"), file("ab/x"), file("abc/x")}, "no folder above");
}

// Names.
TEST(Index, PathsThatLeaveTheRootAreRefused) {
  expect_entries_refused({folder(".."), file("../etc")}, "points elsewhere");
  expect_entries_refused({folder("a"), folder("a/.."), file("a/../x")}, "points elsewhere");
  expect_entries_refused({file("/abs")}, "empty component");
  expect_entries_refused({file(".")}, "points elsewhere");
}
TEST(Index, EmptyPathsAndComponentsAreRefused) {
  expect_entries_refused({file("")}, "empty");
  expect_entries_refused({folder("a"), file("a/")}, "empty component");
}
TEST(Index, AGitFolderIsRefusedAtAnyDepth) {
  expect_entries_refused({folder(".git")}, ".git");
  expect_entries_refused({folder("a"), folder("a/.GiT")}, ".git");
}
TEST(Index, MikurasOwnFolderIsRefusedAtTheTopOnly) {
  expect_entries_refused({folder(".Mikura")}, "Mikura's own folder");
  EXPECT_TRUE(decode_index(raw_index(index_of({folder("a"), folder("a/.mikura")}))));
}
TEST(Index, ConflictCopiesAreRefused) {
  expect_entries_refused({file("conflict-20260102.030405.x")}, "conflict copy");
}
TEST(Index, BytesThatAreNotUtf8AreRefused) {
  expect_entries_refused({file("a\xff")}, "UTF-8");
}
TEST(Index, AZeroByteIsRefused) {
  expect_entries_refused({file(std::string("a\0b", 3))}, "zero byte");
}
TEST(Index, TooLongNamesAndPathsAreRefused) {
  expect_entries_refused({file(std::string(256, 'x'))}, "longer than 255");
  std::vector<Entry> deep;
  std::string path;
  while (path.size() <= kMaxPathBytes) {
    path += (path.empty() ? "" : "/") + std::string(255, 'x');
    deep.push_back(folder(path));
  }
  expect_entries_refused(deep, "longer than its limit");
  deep.pop_back();
  EXPECT_TRUE(decode_index(raw_index(index_of(deep))));
}

TEST(Index, APathInALongerSpellingIsRefused) {
  Bytes bytes = raw_index(index_of({file("ab"), file("ac")}));
  // The second entry says: 1 byte shared, then "c". Let it say: nothing shared, then "ac".
  const Bytes right =
      to_bytes(std::string_view("\x01\x01"
                                "c\x01",
                                4));
  const Bytes wrong =
      to_bytes(std::string_view("\x00\x02"
                                "ac\x01",
                                5));
  const auto at = std::search(bytes.begin(), bytes.end(), right.begin(), right.end());
  ASSERT_NE(at, bytes.end());
  const auto position = bytes.erase(at, at + static_cast<std::ptrdiff_t>(right.size()));
  bytes.insert(position, wrong.begin(), wrong.end());
  const auto decoded = decode_index(bytes);
  ASSERT_FALSE(decoded);
  EXPECT_NE(decoded.error().message().find("shortest form"), std::string::npos)
      << decoded.error().message();
}

// Fields of an entry.
void expect_entry_refused(Entry entry, const std::function<void(Entry&)>& change,
                          std::string_view why) {
  change(entry);
  expect_entries_refused({entry}, why);
}

TEST(Index, ModesWithMoreThanPermissionBitsAreRefused) {
  expect_entry_refused(file("a"), [](Entry& e) { e.mode = 04755; }, "permission bits");
  expect_entry_refused(folder("a"), [](Entry& e) { e.mode = 01777; }, "permission bits");
  expect_change_refused([](Index& index) { index.root_mode = 02755; }, "permission bits");
}
TEST(Index, ASymlinkHasNoPermissionsOfItsOwn) {
  expect_entry_refused(link("a"), [](Entry& e) { e.mode = 0644; }, "a symlink has permissions");
}
TEST(Index, ASymlinkNeedsAProperTarget) {
  expect_entry_refused(link("a"), [](Entry& e) { e.target = ""; }, "no proper target");
  expect_entry_refused(
      link("a"), [](Entry& e) { e.target = std::string("x\0y", 3); }, "no proper target");
  expect_entry_refused(
      link("a"), [](Entry& e) { e.target = std::string(4097, 'x'); }, "larger than its limit");
}
TEST(Index, ASymlinksTargetMayBeAnyBytes) {
  EXPECT_TRUE(decode_index(encode_index(index_of({symlink_entry("a", "../\xff/..")}))));
}
TEST(Index, UnknownKindsAreRefused) {
  for (const int kind : {0, 4, 255}) {
    expect_entry_refused(
        folder("a"), [&](Entry& e) { e.kind = static_cast<EntryKind>(kind); }, "unknown kind");
  }
}
TEST(Index, UnknownContentFormsAreRefused) {
  for (const int form : {0, 3, 255}) {
    expect_entry_refused(
        file("a"), [&](Entry& e) { e.form = static_cast<ContentForm>(form); }, "unknown form");
  }
}
TEST(Index, AWholeFileIsNotLargerThanABlob) {
  expect_entry_refused(
      file("a"), [](Entry& e) { e.size_bytes = kMaxBlobBytes + 1; }, "larger than one blob");
}
TEST(Index, AChunkedFileHasASizeWithinItsLimit) {
  const auto chunked = [](std::uint64_t size) {
    return [size](Entry& e) {
      e.form = ContentForm::chunks;
      e.content = sha256(as_bytes("list"));
      e.size_bytes = size;
    };
  };
  expect_entry_refused(file("a"), chunked(0), "empty file has chunks");
  expect_entry_refused(file("a"), chunked(kMaxFileBytes + 1), "larger than its limit");
  // Readers take any division into chunks, of small files too.
  Entry small = file("a");
  chunked(1)(small);
  EXPECT_TRUE(decode_index(raw_index(index_of({small}))));
}

// What precedes the entries.
TEST(Index, AVersionIdIsAUuidOfVersion7) {
  expect_change_refused([](Index& index) { index.version = filled_id<VersionId>(0x41); },
                        "no UUID of version 7");
}
TEST(Index, AParentsIdIsAUuidOfVersion7) {
  expect_change_refused([](Index& index) { index.parents[0].version = {}; }, "parent's id");
}
TEST(Index, GenerationsFitTheParents) {
  expect_change_refused([](Index& index) { index.generation = 0; }, "generation is impossible");
  expect_change_refused([](Index& index) { index.generation = 1; }, "do not fit its generation");
  expect_change_refused([](Index& index) { index.parents.clear(); }, "do not fit its generation");
  expect_change_refused([](Index& index) { index.generation = 1ULL << 63; },
                        "generation is impossible");
}
TEST(Index, AVersionIsNotItsOwnParentAndHasNoParentTwice) {
  expect_change_refused([](Index& index) { index.parents[0].version = index.version; },
                        "its own parent");
  expect_change_refused([](Index& index) { index.parents.push_back(index.parents[0]); },
                        "parents are the same");
}
TEST(Index, TwoParentsAreAcceptedAndThreeAreNot) {
  Index index = sample_index();
  index.parents.push_back({version_of(0x20), sha256(as_bytes("other"))});
  EXPECT_EQ(*decode_index(raw_index(index)), index);
  index.parents.push_back({version_of(0x1f), sha256(as_bytes("third"))});
  expect_refused(index, "larger than its limit");
}
TEST(Index, OversizedTextsAreRefused) {
  expect_change_refused([](Index& index) { index.device_name = std::string(256, 'x'); },
                        "larger than its limit");
  expect_change_refused([](Index& index) { index.author = std::string(256, 'x'); },
                        "larger than its limit");
  expect_change_refused([](Index& index) { index.message = std::string(65537, 'x'); },
                        "larger than its limit");
  expect_change_refused([](Index& index) { index.program = std::string(65, 'x'); },
                        "larger than its limit");
}
TEST(Index, TextsThatAreNotUtf8AreRefused) {
  expect_change_refused([](Index& index) { index.message = "\xff"; }, "not valid UTF-8");
}

TEST(Index, AnotherFormatVersionIsUnsupportedNotCorrupt) {
  Bytes bytes = encode_index(sample_index());
  bytes[4] = std::byte{3};
  const auto decoded = decode_index(bytes);
  EXPECT_TRUE(decoded.failed_with(Code::unsupported));
  EXPECT_EQ(decoded.error().hint(), "Update Mikura.");
  bytes[4] = std::byte{0};
  EXPECT_TRUE(decode_index(bytes).failed_with(Code::corrupt));
}

TEST(Index, EveryTruncationAndExtensionIsRefused) {
  Bytes bytes = encode_index(sample_index());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_TRUE(decode_index(std::span(bytes).first(size)).failed_with(Code::corrupt)) << size;
  }
  bytes.push_back(std::byte{0});
  EXPECT_TRUE(decode_index(bytes).failed_with(Code::corrupt));
}

TEST(Index, ACountBeyondTheInputDoesNotAllocate) {
  for (const std::uint64_t count : {kMaxIndexEntries, kMaxIndexEntries + 1, UINT64_MAX}) {
    Bytes bytes = raw_index(index_of({}));
    bytes.pop_back();
    Writer writer;
    writer.raw(bytes);
    writer.varint(count);
    EXPECT_TRUE(decode_index(writer.bytes()).failed_with(Code::corrupt));
  }
}

// Shared prefixes let a few bytes stand for a long path: a bomb, were the paths not counted as they
// are written out.
TEST(Index, PathsAreLimitedTogetherAsTheyAreWrittenOut) {
  const std::string name(255, 'x');
  std::vector<Entry> entries = {folder(name)};
  for (int i = 10; i < 30; ++i)
    entries.push_back(file(name + "/" + std::to_string(i)));
  entries.push_back(link("y"));
  const Bytes bytes = encode_index(index_of(entries));
  constexpr std::uint64_t kText = 255 + 20 * 258 + 1 + 6;
  EXPECT_LT(bytes.size(), 2000U);
  EXPECT_TRUE(decode_index(bytes, kText));
  const auto decoded = decode_index(bytes, kText - 1);
  ASSERT_TRUE(decoded.failed_with(Code::corrupt));
  EXPECT_NE(decoded.error().message().find("longer than their limit together"), std::string::npos);
}

RC_GTEST_PROP(Index, WhateverDecodesEncodesToTheSameBytes,
              (std::uint32_t position, std::uint8_t value)) {
  Bytes bytes = encode_index(sample_index());
  bytes[position % bytes.size()] = static_cast<std::byte>(value);
  const auto decoded = decode_index(bytes);
  if (decoded) RC_ASSERT(encode_index(*decoded) == bytes);
}

// A random tree from a list of random numbers: names from a small alphabet, so that they collide
// and nest.
std::vector<Entry> random_entries(const std::vector<std::uint32_t>& numbers) {
  static const char* const kNames[] = {"a", "a-b", "a.b", "b", "B", "c d", "é", "日本", ".x", "zz"};
  std::map<std::string, Entry> tree;
  for (const std::uint32_t number : numbers) {
    std::string path;
    std::uint32_t rest = number;
    for (std::uint32_t depth = 0; depth <= number % 4; ++depth) {
      if (!path.empty()) {
        const auto there = tree.find(path);
        if (there == tree.end())
          tree.emplace(path, folder(path));
        else if (there->second.kind != EntryKind::directory)
          break;
        path += '/';
      }
      rest = rest / 7 + 13;
      path += kNames[rest % std::size(kNames)];
    }
    if (path.empty() || path.back() == '/' || tree.contains(path)) continue;
    switch (number / 4 % 4) {
      case 0:
        tree.emplace(path, link(path));
        break;
      case 1:
        tree.emplace(path, folder(path));
        break;
      default:
        tree.emplace(path, file_entry(path, std::to_string(number),
                                      static_cast<std::uint16_t>(number % 01000)));
    }
  }
  std::vector<Entry> entries;
  for (auto& [path, entry] : tree) {
    entry.mtime_ns = static_cast<std::int64_t>(path.size()) - 4;
    entries.push_back(entry);
  }
  return entries;
}

RC_GTEST_PROP(Index, RandomTreesRoundTrip,
              (const std::vector<std::uint32_t>& numbers, std::uint32_t generation)) {
  Index index = index_of(random_entries(numbers));
  index.generation = 2ULL + generation;
  const Bytes encoded = encode_index(index);
  RC_ASSERT(encoded == raw_index(index));
  const auto decoded = decode_index(encoded);
  RC_ASSERT(decoded.has_value());
  RC_ASSERT(*decoded == index);
  for (const Entry& entry : index.entries)
    RC_ASSERT(*find_entry(decoded->entries, entry.path) == entry);
}

TEST(Index, TextsOfTheMachineAndTheUserAreMadeToFit) {
  Index index = sample_index();
  index.device_name = "\xff\xfe";
  index.author = std::string(254, 'x') + "é";
  index.message = std::string(70000, 'm');
  const auto decoded = decode_index(encode_index(index));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->device_name, "?");
  EXPECT_EQ(decoded->author, std::string(254, 'x'));
  EXPECT_EQ(decoded->message, std::string(65536, 'm'));
}

TEST(IndexDeathTest, WhatNoReaderTakesIsNeverWritten) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(encode_index(index_of({file("b"), file("a")})), "");
  EXPECT_DEATH(encode_index(index_of({file("a/b")})), "");
  Entry unhashed = file("a");
  unhashed.form = ContentForm::none;
  EXPECT_DEATH(encode_index(index_of({unhashed})), "");
}

TEST(IndexLimits, AreToldBeforeAnythingIsEncoded) {
  EXPECT_TRUE(check_index_limits(sample_index()));
  Entry huge = file("huge");
  huge.size_bytes = kMaxFileBytes + 1;
  const auto checked = check_index_limits(index_of({huge}));
  EXPECT_TRUE(checked.failed_with(Code::full));
  EXPECT_NE(checked.error().message().find("huge"), std::string::npos);
}

TEST(Index, AHundredThousandEntriesRoundTrip) {
  std::vector<Entry> entries;
  for (int i = 0; i < 100; ++i) {
    const std::string name = "folder" + std::to_string(1000 + i);
    entries.push_back(folder(name));
    for (int k = 0; k < 1000; ++k)
      entries.push_back(file(name + "/file" + std::to_string(10000 + k)));
  }
  const Index index = index_of(std::move(entries));
  const auto decoded = decode_index(encode_index(index));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(*decoded, index);
}

}  // namespace
}  // namespace mikura

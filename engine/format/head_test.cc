#include "format/head.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <functional>

#include "format/codec.h"
#include "format/format_test_values.h"

namespace mikura {
namespace {

void write_records(Writer& writer, const std::vector<LogRecord>& records) {
  writer.varint(records.size());
  for (const LogRecord& record : records) {
    writer.u64(record.generation);
    writer.id(record.version);
    writer.id(record.index_sha256);
  }
}

void write_reference(Writer& writer, const std::optional<LogSegmentRef>& reference) {
  writer.u8(reference ? 1 : 0);
  if (!reference) return;
  writer.id(reference->id);
  writer.id(reference->sha256);
}

// docs/format.md, "HEAD", without the encoder's checks.
Bytes raw_head(const Head& head) {
  Writer writer;
  writer.raw(as_bytes("MKHD"));
  writer.u8(1);
  writer.u32(head.min_format);
  writer.id(head.repository);
  writer.u32(head.key_epoch);
  writer.u64(head.generation);
  writer.id(head.version);
  writer.id(head.index_sha256);
  writer.id(head.publish);
  writer.id(head.device);
  writer.i64(head.written_unix_ms);
  writer.id(head.log_hash);
  writer.id(head.log_tail_before);
  write_records(writer, head.log_tail);
  write_reference(writer, head.log_segment);
  writer.u64(head.gc_epoch);
  writer.u8(head.gc_state);
  writer.text(head.gc_manifest);
  writer.varint(head.pins.size());
  for (const VersionId& pin : head.pins)
    writer.id(pin);
  writer.varint(head.catalogs.size());
  for (const std::string& catalog : head.catalogs)
    writer.text(catalog);
  return writer.take();
}

Bytes raw_segment(const LogSegment& segment) {
  Writer writer;
  writer.raw(as_bytes("MKLG"));
  writer.u8(1);
  writer.id(segment.hash_before);
  write_reference(writer, segment.previous);
  write_records(writer, segment.records);
  return writer.take();
}

VersionId version_number(std::uint64_t n) {
  VersionId id = version_of(static_cast<unsigned char>(n & 0xff));
  id.mutable_bytes()[14] = static_cast<std::byte>(n >> 8 & 0xff);
  return id;
}

LogRecord record_of(std::uint64_t generation) {
  return {generation, version_number(generation), sha256(as_bytes(std::to_string(generation)))};
}

// A HEAD whose tail holds the generations [first, last]; what lies before is in a segment.
Head head_of(std::uint64_t first, std::uint64_t last) {
  Head head = sample_head(0);
  for (std::uint64_t generation = 1; generation <= last; ++generation) {
    if (generation == first) head.log_tail_before = head.log_hash;
    const LogRecord record = record_of(generation);
    head.log_hash = next_log_hash(head.log_hash, record);
    if (generation >= first) head.log_tail.push_back(record);
  }
  head.generation = last;
  head.version = head.log_tail.back().version;
  head.index_sha256 = head.log_tail.back().index_sha256;
  if (first > 1) head.log_segment = LogSegmentRef{filled_id<Uuid>(7), sha256(as_bytes("segment"))};
  return head;
}

// Makes the hashes fit a tail that was changed, as a holder of the key could.
void chain(Head& head) {
  head.log_hash = head.log_tail_before;
  for (const LogRecord& record : head.log_tail)
    head.log_hash = next_log_hash(head.log_hash, record);
}

void expect_refused(Head head, const std::function<void(Head&)>& change, std::string_view why) {
  change(head);
  const auto decoded = decode_head(raw_head(head));
  ASSERT_FALSE(decoded) << "it was taken";
  EXPECT_EQ(decoded.error().code(), Code::corrupt);
  EXPECT_NE(decoded.error().message().find(why), std::string::npos) << decoded.error().message();
}

void expect_refused(const std::function<void(Head&)>& change, std::string_view why) {
  expect_refused(head_of(1, 3), change, why);
}

TEST(Head, RoundTripsEmptyWithHistoryAndWithSegments) {
  Head full = head_of(129, 256);
  full.gc_epoch = 7;
  full.gc_state = 1;
  full.gc_manifest = "gc/x";
  full.pins = {version_of(8), version_of(9)};
  full.catalogs = {"catalogs/b", "catalogs/a"};
  for (const Head& head :
       {sample_head(0), sample_head(1), sample_head(3), head_of(1, 128), head_of(65, 66), full}) {
    const Bytes bytes = encode_head(head);
    EXPECT_EQ(bytes, raw_head(head));
    const auto decoded = decode_head(bytes);
    ASSERT_TRUE(decoded) << decoded.error().message();
    EXPECT_EQ(*decoded, head);
  }
}

TEST(Head, TheLargestFitsItsLimit) {
  Head head = head_of(129, 256);
  head.gc_manifest = std::string(128, 'm');
  for (unsigned i = 0; i < 4096; ++i)
    head.pins.push_back(version_number(i));
  head.catalogs.assign(4096, std::string(128, 'c'));
  const Bytes bytes = encode_head(head);
  EXPECT_LE(bytes.size(), kMaxHeadBytes);
  EXPECT_EQ(*decode_head(bytes), head);
}

// The chain.
TEST(Head, ATailThatDoesNotChainToItsHashIsRefused) {
  expect_refused([](Head& h) { h.log_hash = sha256(as_bytes("other")); },
                 "not the one that its hash says");
  expect_refused([](Head& h) { h.log_tail[1].index_sha256 = sha256(as_bytes("other")); },
                 "not the one that its hash says");
  expect_refused(
      head_of(65, 70), [](Head& h) { h.log_tail_before = sha256(as_bytes("other")); },
      "not the one that its hash says");
}
TEST(Head, GenerationsAreConsecutive) {
  const auto shifted = [](std::size_t at, std::uint64_t generation) {
    return [=](Head& h) {
      h.log_tail[at].generation = generation;
      chain(h);
    };
  };
  expect_refused(shifted(1, 3), "not consecutive");
  expect_refused(shifted(1, 1), "not consecutive");
  expect_refused(shifted(0, 0), "generation is impossible");
  expect_refused(shifted(0, 1ULL << 63), "generation is impossible");
}
TEST(Head, TheNewestRecordIsTheLatestVersion) {
  expect_refused([](Head& h) { h.version = version_of(9); },
                 "does not end with the latest version");
  expect_refused([](Head& h) { h.index_sha256 = sha256(as_bytes("other")); },
                 "does not end with the latest version");
  expect_refused([](Head& h) { h.generation = 4; }, "does not end with the latest version");
  expect_refused(
      [](Head& h) {
        h.log_tail.pop_back();
        chain(h);
      },
      "does not end with the latest version");
}
TEST(Head, AHistoryHasATail) {
  expect_refused(
      [](Head& h) {
        h.log_tail.clear();
        chain(h);
      },
      "lacks the latest version");
}
TEST(Head, OlderRecordsLieInASegmentExactlyIfThereAreAny) {
  expect_refused([](Head& h) { h.log_segment = LogSegmentRef{}; }, "does not hang together");
  expect_refused(head_of(65, 70), [](Head& h) { h.log_segment.reset(); }, "does not hang together");
}
TEST(Head, AHistoryThatStartsHereStartsWithTheHashOfNothing) {
  expect_refused(
      [](Head& h) {
        h.log_tail_before = sha256(as_bytes("something"));
        chain(h);
      },
      "hash of nothing");
}
TEST(Head, WithoutAVersionThereIsNoHistory) {
  const Head empty = sample_head(0);
  expect_refused(empty, [](Head& h) { h.version = version_of(1); }, "history but no version");
  expect_refused(empty, [](Head& h) { h.index_sha256 = sha256({}); }, "history but no version");
  expect_refused(empty, [](Head& h) { h.log_hash = sha256({}); }, "history but no version");
  expect_refused(empty, [](Head& h) { h.log_tail_before = sha256({}); }, "history but no version");
  expect_refused(empty, [](Head& h) { h.log_segment = LogSegmentRef{}; }, "history but no version");
  expect_refused(empty, [](Head& h) { h.log_tail = {record_of(1)}; }, "history but no version");
}
TEST(Head, VersionIdsAreUuidsOfVersion7) {
  expect_refused(
      [](Head& h) {
        h.log_tail[1].version = filled_id<VersionId>(0x44);
        chain(h);
      },
      "no UUID of version 7");
  expect_refused([](Head& h) { h.pins = {filled_id<VersionId>(0x44)}; }, "no UUID of version 7");
}
TEST(Head, ATailLongerThanItsLimitIsRefused) {
  Head head = head_of(1, 129);
  EXPECT_TRUE(decode_head(raw_head(head)).failed_with(Code::corrupt));
}

// The other fields.
TEST(Head, PinsAreInOrderWithoutRepetition) {
  expect_refused([](Head& h) { h.pins = {version_of(2), version_of(1)}; }, "pins are not in order");
  expect_refused([](Head& h) { h.pins = {version_of(2), version_of(2)}; }, "pins are not in order");
}
TEST(Head, NamesHaveTheirLimits) {
  expect_refused([](Head& h) { h.gc_manifest = std::string(129, 'x'); }, "larger than its limit");
  expect_refused([](Head& h) { h.catalogs = {std::string(129, 'x')}; }, "larger than its limit");
  expect_refused([](Head& h) { h.catalogs = {""}; }, "no name");
  expect_refused([](Head& h) { h.gc_manifest = "\xff"; }, "not valid UTF-8");
}
TEST(Head, ListsHaveTheirLimits) {
  expect_refused([](Head& h) { h.pins.assign(4097, version_of(1)); }, "larger than its limit");
  expect_refused([](Head& h) { h.catalogs.assign(4097, "c"); }, "larger than its limit");
}
TEST(Head, VersionsStartWithOne) {
  expect_refused([](Head& h) { h.min_format = 0; }, "version 0");
  expect_refused([](Head& h) { h.key_epoch = 0; }, "version 0");
}

TEST(Head, ANewerFormatIsUnsupported) {
  Head head = head_of(1, 3);
  head.min_format = kNewestFormat + 1;
  const auto decoded = decode_head(raw_head(head));
  EXPECT_TRUE(decoded.failed_with(Code::unsupported));
  EXPECT_EQ(decoded.error().hint(), "Update Mikura.");
  Bytes bytes = raw_head(head_of(1, 3));
  bytes[4] = std::byte{2};
  EXPECT_TRUE(decode_head(bytes).failed_with(Code::unsupported));
  bytes[4] = std::byte{0};
  EXPECT_TRUE(decode_head(bytes).failed_with(Code::corrupt));
}

TEST(Head, EveryTruncationAndExtensionIsRefused) {
  Bytes bytes = raw_head(head_of(65, 70));
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode_head(std::span(bytes).first(size))) << size;
  bytes.push_back(std::byte{0});
  EXPECT_FALSE(decode_head(bytes));
}

TEST(Head, WhateverDecodesEncodesToTheSameBytes) {
  const Bytes good = encode_head(sample_head());
  unsigned refused = 0;
  for (std::size_t i = 0; i < good.size() * 8; ++i) {
    Bytes bad = good;
    bad[i / 8] ^= static_cast<std::byte>(1U << (i % 8));
    const auto decoded = decode_head(bad);
    if (!decoded) {
      ++refused;
    } else {
      EXPECT_EQ(encode_head(*decoded), bad);
    }
  }
  // All of generation, version, index hash, log hashes and the records are bound together.
  EXPECT_GT(refused, 8 * (4 * (8 + 16 + 32) + 2 * 32U));
}

TEST(Head, TheTailIsFoundByGeneration) {
  const Head head = head_of(65, 70);
  EXPECT_EQ(find_in_tail(head, 65), record_of(65));
  EXPECT_EQ(find_in_tail(head, 70), record_of(70));
  EXPECT_EQ(find_in_tail(head, 64), std::nullopt);
  EXPECT_EQ(find_in_tail(head, 71), std::nullopt);
}

TEST(HeadDeathTest, WhatNoReaderTakesIsNeverWritten) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Head head = head_of(1, 3);
  head.log_tail[0].index_sha256 = {};
  EXPECT_DEATH(encode_head(head), "");
}

LogSegment segment_of(std::uint64_t first, std::uint64_t last) {
  LogSegment segment;
  for (std::uint64_t generation = first; generation <= last; ++generation)
    segment.records.push_back(record_of(generation));
  if (first > 1) {
    segment.previous = LogSegmentRef{filled_id<Uuid>(8), sha256(as_bytes("older"))};
    segment.hash_before = sha256(as_bytes("before"));
  }
  return segment;
}

void expect_segment_refused(LogSegment segment, const std::function<void(LogSegment&)>& change,
                            std::string_view why) {
  change(segment);
  const auto decoded = decode_log_segment(raw_segment(segment));
  ASSERT_TRUE(decoded.failed_with(Code::corrupt));
  EXPECT_NE(decoded.error().message().find(why), std::string::npos) << decoded.error().message();
}

TEST(LogSegment, RoundTrips) {
  for (const LogSegment& segment :
       {segment_of(1, 1), segment_of(1, 64), segment_of(65, 128), segment_of(2, 4097)}) {
    const Bytes bytes = encode_log_segment(segment);
    EXPECT_EQ(bytes, raw_segment(segment));
    EXPECT_LE(bytes.size(), kMaxHeadBytes);
    EXPECT_EQ(*decode_log_segment(bytes), segment);
  }
}
TEST(LogSegment, HasRecordsAndNotTooMany) {
  expect_segment_refused(segment_of(1, 3), [](LogSegment& s) { s.records.clear(); }, "no records");
  expect_segment_refused(segment_of(2, 4098), [](LogSegment&) {}, "larger than its limit");
}
TEST(LogSegment, GenerationsAreConsecutive) {
  expect_segment_refused(
      segment_of(1, 3), [](LogSegment& s) { s.records[1].generation = 9; }, "not consecutive");
  expect_segment_refused(
      segment_of(1, 3), [](LogSegment& s) { s.records.erase(s.records.begin() + 1); },
      "not consecutive");
}
TEST(LogSegment, HasAnOlderOneExactlyIfItDoesNotStartTheHistory) {
  expect_segment_refused(
      segment_of(1, 3), [](LogSegment& s) { s.previous = LogSegmentRef{}; },
      "does not hang together");
  expect_segment_refused(
      segment_of(2, 3), [](LogSegment& s) { s.previous.reset(); }, "does not hang together");
  expect_segment_refused(
      segment_of(1, 3), [](LogSegment& s) { s.hash_before = sha256({}); }, "hash of nothing");
}
TEST(LogSegment, AFlagIsZeroOrOne) {
  Bytes bytes = raw_segment(segment_of(2, 3));
  bytes[4 + 1 + 32] = std::byte{2};
  EXPECT_TRUE(decode_log_segment(bytes).failed_with(Code::corrupt));
}
TEST(LogSegment, ANewerFormatIsUnsupported) {
  Bytes bytes = raw_segment(segment_of(1, 3));
  bytes[4] = std::byte{2};
  EXPECT_TRUE(decode_log_segment(bytes).failed_with(Code::unsupported));
}
TEST(LogSegment, EveryTruncationAndExtensionIsRefused) {
  Bytes bytes = raw_segment(segment_of(2, 4));
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode_log_segment(std::span(bytes).first(size))) << size;
  bytes.push_back(std::byte{0});
  EXPECT_FALSE(decode_log_segment(bytes));
}

TEST(LogHash, DependsOnEverythingBefore) {
  const LogRecord record = record_of(1);
  EXPECT_NE(next_log_hash(Sha256Digest(), record), next_log_hash(sha256(as_bytes("x")), record));
  for (const auto& change : std::initializer_list<std::function<void(LogRecord&)>>{
           [](LogRecord& r) { r.generation = 2; }, [](LogRecord& r) { r.version = version_of(2); },
           [](LogRecord& r) { r.index_sha256 = {}; }}) {
    LogRecord other = record;
    change(other);
    EXPECT_NE(next_log_hash(Sha256Digest(), record), next_log_hash(Sha256Digest(), other));
  }
}

// A history of any length, cut into tail and segment anywhere, is the same history: the same hash.
RC_GTEST_PROP(LogHash, IsTheSameWhereverTheLogIsCut, (std::uint8_t versions, std::uint8_t cut)) {
  const std::uint64_t last = 1U + versions % 128U;
  const std::uint64_t first = 1U + cut % last;
  RC_ASSERT(head_of(first, last).log_hash == head_of(1, last).log_hash);
  RC_ASSERT(*decode_head(encode_head(head_of(first, last))) == head_of(first, last));
}

}  // namespace
}  // namespace mikura

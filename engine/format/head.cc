#include "format/head.h"

#include "base/check.h"
#include "crypto/hash.h"
#include "format/codec.h"

namespace mikura {
namespace {

constexpr std::string_view kHeadMagic = "MKHD";
constexpr std::string_view kLogMagic = "MKLG";
constexpr std::uint8_t kFormat = 1;
// Generations are counted on by one; the top of the range is left out so that they never wrap.
constexpr std::uint64_t kMaxGeneration = INT64_MAX;
constexpr std::size_t kMaxPins = 4096;
constexpr std::size_t kMaxCatalogs = 4096;
constexpr std::size_t kMaxObjectName = 128;
constexpr std::size_t kMaxSegmentRecords = 4096;

void write_record(Writer& writer, const LogRecord& record) {
  writer.u64(record.generation);
  writer.id(record.version);
  writer.id(record.index_sha256);
}

LogRecord read_record(Reader& reader) {
  LogRecord record;
  record.generation = reader.u64();
  record.version = reader.id<VersionId>();
  record.index_sha256 = reader.id<Sha256Digest>();
  return record;
}

void write_segment_ref(Writer& writer, const std::optional<LogSegmentRef>& reference) {
  writer.u8(reference ? 1 : 0);
  if (!reference) return;
  writer.id(reference->id);
  writer.id(reference->sha256);
}

std::optional<LogSegmentRef> read_segment_ref(Reader& reader) {
  const std::uint8_t present = reader.u8();
  if (present > 1) reader.fail("a flag is neither 0 nor 1");
  if (present != 1) return std::nullopt;
  LogSegmentRef reference;
  reference.id = reader.id<Uuid>();
  reference.sha256 = reader.id<Sha256Digest>();
  return reference;
}

void read_records(Reader& reader, std::uint64_t max, std::vector<LogRecord>& out) {
  const std::uint64_t count = reader.varint_max(max);
  for (std::uint64_t i = 0; i < count && reader.ok(); ++i)
    out.push_back(read_record(reader));
}

// Why records cannot follow each other like this; empty if they can.
std::string_view wrong_with_records(const std::vector<LogRecord>& records) {
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (records[i].generation == 0 || records[i].generation > kMaxGeneration)
      return "a generation is impossible";
    if (records[i].generation != records[0].generation + i)
      return "its records are not consecutive";
    if (!is_uuid_v7(records[i].version.bytes())) return "a version's id is no UUID of version 7";
  }
  return {};
}

// A run of records, and what is said to lie before it: nothing, exactly if it starts with the first
// generation.
std::string_view wrong_with_start(const std::vector<LogRecord>& records, bool has_older,
                                  const Sha256Digest& before) {
  const bool starts_history = records.front().generation == 1;
  if (starts_history == has_older) return "its log does not hang together with older records";
  if (starts_history && !before.is_zero()) return "its log does not start with the hash of nothing";
  return {};
}

std::string_view wrong_with_empty_history(const Head& head) {
  const bool empty = head.log_tail.empty() && !head.log_segment && head.version.is_zero() &&
                     head.index_sha256.is_zero() && head.log_hash.is_zero() &&
                     head.log_tail_before.is_zero();
  return empty ? std::string_view() : "it has a history but no version";
}

std::string_view wrong_with_log(const Head& head) {
  if (head.generation == 0) return wrong_with_empty_history(head);
  if (head.log_tail.empty()) return "its log lacks the latest version";
  if (const std::string_view why = wrong_with_records(head.log_tail); !why.empty()) return why;
  const LogRecord newest{head.generation, head.version, head.index_sha256};
  if (head.log_tail.back() != newest) return "its log does not end with the latest version";
  Sha256Digest hash = head.log_tail_before;
  for (const LogRecord& record : head.log_tail)
    hash = next_log_hash(hash, record);
  if (hash != head.log_hash) return "its log is not the one that its hash says";
  return wrong_with_start(head.log_tail, head.log_segment.has_value(), head.log_tail_before);
}

// Why this cannot be a HEAD; empty if it can. For reader and writer.
std::string_view wrong_with(const Head& head) {
  if (head.min_format == 0 || head.key_epoch == 0) return "it has a version 0";
  for (std::size_t i = 0; i < head.pins.size(); ++i) {
    if (!is_uuid_v7(head.pins[i].bytes())) return "a pin is no UUID of version 7";
    if (i > 0 && !(head.pins[i - 1] < head.pins[i])) return "its pins are not in order";
  }
  for (const std::string& catalog : head.catalogs) {
    if (catalog.empty()) return "a catalog has no name";
  }
  return wrong_with_log(head);
}

std::string_view wrong_with(const LogSegment& segment) {
  if (segment.records.empty()) return "it has no records";
  if (const std::string_view why = wrong_with_records(segment.records); !why.empty()) return why;
  return wrong_with_start(segment.records, segment.previous.has_value(), segment.hash_before);
}

Error newer_format() {
  return Error(Code::unsupported, "the repository is in a newer format than this program knows")
      .with_hint("Update Mikura.");
}

void read_places(Reader& reader, Head& head) {
  head.gc_epoch = reader.u64();
  head.gc_state = reader.u8();
  head.gc_manifest = reader.utf8(kMaxObjectName);
  const std::uint64_t pins = reader.varint_max(kMaxPins);
  for (std::uint64_t i = 0; i < pins && reader.ok(); ++i)
    head.pins.push_back(reader.id<VersionId>());
  const std::uint64_t catalogs = reader.varint_max(kMaxCatalogs);
  for (std::uint64_t i = 0; i < catalogs && reader.ok(); ++i)
    head.catalogs.emplace_back(reader.utf8(kMaxObjectName));
}

}  // namespace

Sha256Digest next_log_hash(const Sha256Digest& before, const LogRecord& record) {
  Writer writer;
  writer.raw(as_bytes("mikura version log 1"));
  writer.u8(0);
  writer.id(before);
  write_record(writer, record);
  return sha256(writer.bytes());
}

Bytes encode_head(const Head& head) {
  CHECK(head.log_tail.size() <= kMaxLogTail && head.pins.size() <= kMaxPins &&
        head.catalogs.size() <= kMaxCatalogs);
  CHECK(wrong_with(head).empty());
  Writer writer;
  writer.raw(as_bytes(kHeadMagic));
  writer.u8(kFormat);
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
  writer.varint(head.log_tail.size());
  for (const LogRecord& record : head.log_tail)
    write_record(writer, record);
  write_segment_ref(writer, head.log_segment);
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

Result<Head> decode_head(ByteSpan bytes) {
  Reader reader(bytes, "HEAD");
  if (as_text(reader.raw(kHeadMagic.size())) != kHeadMagic)
    reader.fail("it does not start as HEAD does");
  const std::uint8_t format = reader.u8();
  Head head;
  head.min_format = reader.u32();
  if (reader.ok() && (format > kFormat || head.min_format > kNewestFormat)) return newer_format();
  if (format != kFormat) reader.fail("it has a version 0");
  head.repository = reader.id<RepositoryId>();
  head.key_epoch = reader.u32();
  head.generation = reader.u64();
  head.version = reader.id<VersionId>();
  head.index_sha256 = reader.id<Sha256Digest>();
  head.publish = reader.id<PublishId>();
  head.device = reader.id<DeviceId>();
  head.written_unix_ms = reader.i64();
  head.log_hash = reader.id<Sha256Digest>();
  head.log_tail_before = reader.id<Sha256Digest>();
  read_records(reader, kMaxLogTail, head.log_tail);
  head.log_segment = read_segment_ref(reader);
  read_places(reader, head);
  if (const std::string_view why = wrong_with(head); reader.ok() && !why.empty()) reader.fail(why);
  TRY(reader.finish());
  return head;
}

Bytes encode_log_segment(const LogSegment& segment) {
  CHECK(segment.records.size() <= kMaxSegmentRecords && wrong_with(segment).empty());
  Writer writer;
  writer.raw(as_bytes(kLogMagic));
  writer.u8(kFormat);
  writer.id(segment.hash_before);
  write_segment_ref(writer, segment.previous);
  writer.varint(segment.records.size());
  for (const LogRecord& record : segment.records)
    write_record(writer, record);
  return writer.take();
}

Result<LogSegment> decode_log_segment(ByteSpan bytes) {
  Reader reader(bytes, "a log segment");
  if (as_text(reader.raw(kLogMagic.size())) != kLogMagic)
    reader.fail("it does not start as one does");
  const std::uint8_t format = reader.u8();
  if (reader.ok() && format > kFormat) return newer_format();
  if (format != kFormat) reader.fail("it has a version 0");
  LogSegment segment;
  segment.hash_before = reader.id<Sha256Digest>();
  segment.previous = read_segment_ref(reader);
  read_records(reader, kMaxSegmentRecords, segment.records);
  if (const std::string_view why = wrong_with(segment); reader.ok() && !why.empty())
    reader.fail(why);
  TRY(reader.finish());
  return segment;
}

std::optional<LogRecord> find_in_tail(const Head& head, std::uint64_t generation) {
  for (const LogRecord& record : head.log_tail) {
    if (record.generation == generation) return record;
  }
  return std::nullopt;
}

}  // namespace mikura

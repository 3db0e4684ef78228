// Deterministic values for the tests of format/: golden bytes, properties, fuzz seeds.
#pragma once

#include <string>

#include "crypto/hash.h"
#include "crypto/random.h"
#include "format/chunk_parts.h"
#include "format/content.h"
#include "format/envelope.h"
#include "format/head.h"
#include "format/index.h"
#include "format/index_segments.h"
#include "format/keyring.h"
#include "format/pack.h"
#include "format/repository.h"

namespace mikura {

// SHA-256 of a seed and a counter: the same bytes in every run.
class CountingRandom final : public Random {
 public:
  explicit CountingRandom(std::string seed = "mikura") : seed_(std::move(seed)) {}

  void fill(MutableByteSpan out) override {
    for (std::byte& b : out) {
      if (used_ == Sha256Digest::kSize) {
        block_ = sha256(as_bytes(seed_ + std::to_string(counter_++)));
        used_ = 0;
      }
      b = block_.bytes()[used_++];
    }
  }

 private:
  std::string seed_;
  std::uint64_t counter_ = 0;
  std::size_t used_ = Sha256Digest::kSize;
  Sha256Digest block_;
};

template <class IdType>
IdType filled_id(unsigned char value) {
  IdType id;
  for (std::byte& b : id.mutable_bytes())
    b = static_cast<std::byte>(value);
  return id;
}

inline VersionId version_of(unsigned char value) {
  return *parse_uuid_as<VersionId>("017f22e2-79b0-7cc3-98c4-dc0c0c0739" +
                                   to_hex(ByteArray<1>{static_cast<std::byte>(value)}));
}

inline Entry file_entry(std::string path, std::string_view content, std::uint16_t mode = 0644) {
  Entry entry;
  entry.path = std::move(path);
  entry.mode = mode;
  entry.mtime_ns = 1'700'000'000'123'456'789;
  entry.size_bytes = content.size();
  entry.sha256 = sha256(as_bytes(content));
  entry.form = ContentForm::whole;
  entry.content = entry.sha256;
  return entry;
}

inline Entry directory_entry(std::string path) {
  Entry entry;
  entry.path = std::move(path);
  entry.kind = EntryKind::directory;
  entry.mode = 0755;
  entry.mtime_ns = -1;
  return entry;
}

inline Entry symlink_entry(std::string path, std::string target) {
  Entry entry;
  entry.path = std::move(path);
  entry.kind = EntryKind::symlink;
  entry.mode = 0777;
  entry.size_bytes = target.size();
  entry.target = std::move(target);
  return entry;
}

inline Index sample_index() {
  Index index;
  index.repository = filled_id<RepositoryId>(0x11);
  index.version = version_of(0x22);
  index.generation = 2;
  index.parents.push_back({version_of(0x21), sha256(as_bytes("parent"))});
  index.created_unix_ms = 1'700'000'000'000;
  index.device = filled_id<DeviceId>(0x33);
  index.device_name = "machine";
  index.author = "user@machine";
  index.message = "第一版";
  index.program = "mikura 0.1.0";
  index.root_mtime_ns = 1'700'000'000'000'000'001;
  index.entries = {directory_entry("a"),
                   file_entry("a-b", "between"),
                   file_entry("a/empty", ""),
                   file_entry("a/x.txt", "hello", 0755),
                   symlink_entry("link", "a/x.txt"),
                   file_entry("new\nline", "odd"),
                   file_entry("日本語", "御蔵")};
  Entry large = file_entry("large.bin", "pretend");
  large.size_bytes = 40 << 20;
  large.form = ContentForm::chunks;
  large.content = sha256(as_bytes("chunk list"));
  index.entries.insert(index.entries.begin() + 4, large);  // "large.bin" < "link"
  return index;
}

// The entries of sample_index() in two segments, the second of which needs a folder of the first.
inline std::vector<Bytes> sample_index_segments() {
  const std::vector<Entry> entries = sample_index().entries;
  return {encode_segment(std::span(entries).first(3)),
          encode_segment(std::span(entries).subspan(3))};
}

inline std::vector<SegmentRef> sample_segment_refs() {
  const std::vector<Bytes> segments = sample_index_segments();
  return {reference_to(3, segments[0]), reference_to(5, segments[1])};
}

inline Head sample_head(std::size_t versions = 3) {
  Head head;
  head.repository = filled_id<RepositoryId>(0x11);
  head.publish = filled_id<PublishId>(0x44);
  head.device = filled_id<DeviceId>(0x33);
  head.written_unix_ms = 1'700'000'000'000;
  for (std::size_t i = 1; i <= versions; ++i) {
    const LogRecord record{i, version_of(static_cast<unsigned char>(i)),
                           sha256(as_bytes("index " + std::to_string(i)))};
    head.log_tail.push_back(record);
    head.log_hash = next_log_hash(head.log_hash, record);
    head.generation = i;
    head.version = record.version;
    head.index_sha256 = record.index_sha256;
  }
  return head;
}

inline LogSegment sample_segment() {
  LogSegment segment;
  segment.records = sample_head().log_tail;
  return segment;
}

inline RepositoryConfig sample_repository() {
  RepositoryConfig config;
  config.id = filled_id<RepositoryId>(0x11);
  config.capabilities = {true, true, false};
  config.created_unix_ms = 1'700'000'000'000;
  return config;
}

inline std::vector<PackEntry> sample_pack_entries() {
  return {{sha256(as_bytes("one")), 0, 100}, {sha256(as_bytes("two")), 100, 228}};
}

inline Catalog sample_catalog() {
  return {{{filled_id<Uuid>(0x71), sample_pack_entries()},
           {filled_id<Uuid>(0x72), {{sha256(as_bytes("three")), 7, 1 << 20}}}}};
}

// A HEAD of a repository with packs.
inline Head sample_head_with_catalogs() {
  Head head = sample_head();
  head.min_format = kFormatWithCatalogs;
  head.catalogs = {catalog_name(filled_id<Uuid>(0x73)), catalog_name(filled_id<Uuid>(0x70))};
  return head;
}

// The same, with a version in segments.
inline Head sample_head_with_segments() {
  Head head = sample_head_with_catalogs();
  head.min_format = kFormatWithSegments;
  return head;
}

inline ChunkList sample_chunk_list() {
  ChunkList list;
  list.file_sha256 = sha256(as_bytes("file"));
  list.size_bytes = (16 << 20) + 5;
  list.chunks = {{sha256(as_bytes("one")), 16 << 20}, {sha256(as_bytes("two")), 5}};
  return list;
}

inline PartedChunkList sample_parted_list() {
  PartedChunkList list;
  const Bytes part = encode_chunk_part(sample_chunk_list().chunks);
  const ChunkPart first{sha256(part), 2, sample_chunk_list().size_bytes};
  const ChunkPart second{sha256(as_bytes("another part")), 3, 70'000};
  list.file_sha256 = sha256(as_bytes("the whole file"));
  list.size_bytes = 2 * first.size_bytes + second.size_bytes;
  list.parts = {first, second, first};
  return list;
}

inline EpochKey sample_epoch_key() {
  ByteArray<32> bytes;
  bytes.fill(std::byte{0x55});
  return EpochKey(bytes);
}

inline UserKey sample_user_key() {
  ByteArray<32> bytes;
  bytes.fill(std::byte{0x66});
  return UserKey(bytes);
}

inline constexpr std::string_view kSampleSlot = "keys/user-01020304";
inline constexpr std::string_view kSampleBlob = "objects/ab/abcd";

inline Keyring sample_keyring() {
  CountingRandom random("keyring");
  return make_keyring(sha256(encode_repository(sample_repository())), 1'700'000'000'000, random);
}

inline PasswordParameters quick_password() {
  PasswordParameters parameters;
  parameters.memory_kib = 64 * 1024;
  parameters.passes = 1;
  return parameters;
}

}  // namespace mikura

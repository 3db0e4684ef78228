// Head: the one mutable object: which version is the latest, and how its history hangs together
// (M1.3).
//
// Stored sealed under the name HEAD, replaced by compare-and-swap only. The log (version log) is a
// hash chain over all versions ever published: hash_0 = 32 zero bytes, hash_n = SHA-256("mikura
// version log 1" || 0x00 || hash_{n-1} || record_n). HEAD carries the newest records (log_tail);
// older ones lie in log segments, so that descent from what a client last saw stays provable after
// old indexes are cleaned up. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/uuid.h"

namespace mikura {

struct LogRecord {
  std::uint64_t generation = 0;
  VersionId version;
  Sha256Digest index_sha256;
  friend bool operator==(const LogRecord&, const LogRecord&) = default;
};

// A stored run of consecutive records; immutable; named log/<uuid>.
struct LogSegmentRef {
  Uuid id;
  Sha256Digest sha256;  // of the encoded segment
  friend bool operator==(const LogSegmentRef&, const LogSegmentRef&) = default;
};

struct LogSegment {
  Sha256Digest hash_before;               // chain hash before records.front()
  std::optional<LogSegmentRef> previous;  // the older segment
  std::vector<LogRecord> records;         // 1..4096, consecutive generations
  friend bool operator==(const LogSegment&, const LogSegment&) = default;
};

struct Head {
  RepositoryId repository;
  std::uint32_t min_format = 1;  // readers that do not know this format version must stop
  std::uint32_t key_epoch = 1;   // newest epoch in the keyring
  std::uint64_t generation = 0;  // 0: no version yet
  VersionId version;             // zero when generation is 0
  Sha256Digest index_sha256;
  PublishId publish;  // new for every write of HEAD
  DeviceId device;
  std::int64_t written_unix_ms = 0;  // informational
  Sha256Digest log_hash;             // chain hash after the newest record
  Sha256Digest
      log_tail_before;  // chain hash before log_tail.front() (== log_hash if the tail is empty)
  std::vector<LogRecord> log_tail;           // newest last, at most kMaxLogTail
  std::optional<LogSegmentRef> log_segment;  // where older records lie
  // Places for clean-up and pins (later format users; written as empty now).
  std::uint64_t gc_epoch = 0;
  std::uint8_t gc_state = 0;    // 0 = idle
  std::string gc_manifest;      // name, <= 128 bytes
  std::vector<VersionId> pins;  // <= 4096
  // Where packed blobs lie (format/pack.h). Names, <= 4096, each <= 128 bytes, in the order in
  // which they came.
  std::vector<std::string> catalogs;

  friend bool operator==(const Head&, const Head&) = default;
};

// The minimum format of a repository with catalogs: who does not know them would look for packed
// blobs in vain.
inline constexpr std::uint32_t kFormatWithCatalogs = 2;
// The same for versions whose entries are in segments: who does not know those could not read them.
inline constexpr std::uint32_t kFormatWithSegments = 3;
// The highest minimum format that this program knows.
// The same for files with long chunk lists, in parts (format/chunk_parts.h).
inline constexpr std::uint32_t kFormatWithChunkParts = 3;
inline constexpr std::uint32_t kNewestFormat = 3;
inline constexpr std::size_t kMaxLogTail = 128;
inline constexpr std::size_t kLogSegmentRecords =
    64;  // moved out of the tail together when it is full
inline constexpr std::uint64_t kMaxHeadBytes = 1 << 20;

Bytes encode_head(const Head& head);
// Code::corrupt if the tail does not chain from log_tail_before to log_hash, its generations are
// not consecutive up to `generation`, or its last record is not (version, index_sha256);
// Code::unsupported if min_format is newer than ours.
Result<Head> decode_head(ByteSpan bytes);

Bytes encode_log_segment(const LogSegment& segment);
Result<LogSegment> decode_log_segment(ByteSpan bytes);

Sha256Digest next_log_hash(const Sha256Digest& before, const LogRecord& record);

// The tail's record of this generation; nullopt if the tail does not hold it.
std::optional<LogRecord> find_in_tail(const Head& head, std::uint64_t generation);

}  // namespace mikura

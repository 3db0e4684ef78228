// Index: one version of the workspace (M1.1): its files and where it comes from; immutable.
//
// Stored sealed as indexes/<uuidv7>. The entries of a small one are in it (format 1); those of a
// large one are in segments, objects of their own, which versions share (format 2,
// index_segments.h). Its identity for hash links is the SHA-256 of this encoding, so re-sealing
// under another key keeps every link valid. Encoding is canonical: decode(encode(x)) == x and
// encode(decode(b)) == b. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/uuid.h"
#include "format/entry.h"

namespace mikura {

struct ParentRef {
  VersionId version;
  Sha256Digest index_sha256;
  friend bool operator==(const ParentRef&, const ParentRef&) = default;
};

struct Index {
  RepositoryId repository;
  VersionId version;                 // UUIDv7, equals the object's name
  std::uint64_t generation = 0;      // parent's + 1; the first version is 1
  std::vector<ParentRef> parents;    // 0 (first version) or 1; up to 2 are accepted
  std::int64_t created_unix_ms = 0;  // informational: never used for ordering
  DeviceId device;
  std::string device_name;         // host name, <= 255 bytes
  std::string author;              // user@host, <= 255 bytes
  std::string message;             // <= 64 KiB
  std::string program;             // "mikura 0.1.0", <= 64 bytes
  std::uint16_t root_mode = 0755;  // of the workspace folder itself
  std::int64_t root_mtime_ns = 0;
  std::vector<Entry> entries;  // ascending by path, unique, parents before children

  friend bool operator==(const Index&, const Index&) = default;
};

// A run of entries that is stored as an object of its own, named by what it holds.
struct SegmentRef {
  Sha256Digest sha256;           // of the encoded segment
  std::uint32_t entries = 0;     // 1..kMaxSegmentEntries
  std::uint32_t size_bytes = 0;  // of the encoded segment, 1..kMaxSegmentBytes
  friend bool operator==(const SegmentRef&, const SegmentRef&) = default;
};

// What the object indexes/<uuidv7> says: all of a version, or all but its entries and where those
// are.
struct IndexRoot {
  Index index;                       // without entries if there are segments
  std::vector<SegmentRef> segments;  // in order; empty: the entries are in `index`
  friend bool operator==(const IndexRoot&, const IndexRoot&) = default;
};

// CHECKs everything that decode_index would refuse (our own bug otherwise: an unreadable version
// must never be published). Free texts are made to fit: cut at a character boundary, or "?" if they
// are not UTF-8.
Bytes encode_index(const Index& index);
// The same of everything but the entries, which lie in `segments`.
Bytes encode_index_root(const Index& index, const std::vector<SegmentRef>& segments);

// Code::full if a workspace has grown beyond what one index can hold: to be asked before
// encode_index.
Result<void> check_index_limits(const Index& index);
// The same, one entry at a time.
class IndexLimits {
 public:
  Result<void> add(const Entry& entry);

 private:
  std::uint64_t entries_ = 0;
  std::uint64_t text_bytes_ = 0;
};

// Limits (docs/format.md): 10,000,000 entries; 1 GiB of paths and symlink targets written out;
// therefore less than 2 GiB encoded.
inline constexpr std::uint64_t kMaxIndexEntries = 10'000'000;
inline constexpr std::uint64_t kMaxIndexTextBytes = 1ULL << 30;
inline constexpr std::uint64_t kMaxIndexBytes = 2ULL << 30;
inline constexpr std::size_t kMaxIndexSegments = 65'536;
inline constexpr std::uint32_t kMaxSegmentEntries = 16'384;
inline constexpr std::uint32_t kMaxSegmentBytes = 1U << 20;

// Code::corrupt on anything a right encoder would not write: unsorted or duplicate paths, a path
// beneath a file or symlink or without its parent directory entry, an invalid path, a bad UUID,
// oversized fields, trailing bytes. Code::unsupported for a newer format version.
Result<IndexRoot> decode_index_root(ByteSpan bytes,
                                    std::uint64_t max_text_bytes = kMaxIndexTextBytes);
// The same for an index that has its entries in it; Code::corrupt for any other.
Result<Index> decode_index(ByteSpan bytes, std::uint64_t max_text_bytes = kMaxIndexTextBytes);

// Whether an encoded index has its entries in segments.
bool is_segmented(ByteSpan encoded);

// The entry of `path`, or nullptr. Binary search.
const Entry* find_entry(const std::vector<Entry>& entries, std::string_view path);

}  // namespace mikura

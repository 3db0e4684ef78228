// The entries of a large version, in segments: runs of entries that are stored as objects of their
// own, so that a version shares with its parent what it has not changed (docs/format.md,
// "Segments").
//
// Where to cut is decided by a keyed hash of a path alone: so a change moves no cut but those next
// to it, and the cuts (visible to the store as sizes of objects) tell nothing about the names.
// Readers take any division. Pure; each object is for one thread.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/secret_key.h"
#include "format/codec.h"
#include "format/index.h"
#include "format/tree_rules.h"

namespace mikura {

// Decides where segments end.
using CutKey = SecretKey<struct CutKeyTag>;
CutKey derive_cut_key(const ChunkKey& chunk_key);

// A version of more entries than this is written in segments.
inline constexpr std::size_t kMaxWholeEntries = 1024;

// Divides entries, shown one after the other, into segments. CHECKs what no reader would take.
class SegmentWriter {
 public:
  // Takes each segment as it is complete.
  using Sink = std::function<Result<void>(const SegmentRef& segment, Bytes encoded)>;

  SegmentWriter(const CutKey& key, Sink sink);

  // Code::full if there are more than one version can hold; what the sink says, otherwise.
  Result<void> add(const Entry& entry);
  // All segments, in order. The writer must not be used again.
  Result<std::vector<SegmentRef>> finish();

 private:
  Result<void> end_segment();

  ByteArray<16> cut_key_;
  Sink sink_;
  IndexLimits limits_;
  TreeRules rules_;
  Writer body_;
  std::uint32_t count_ = 0;
  std::string previous_;
  std::vector<SegmentRef> segments_;
};

// These entries as one segment, whatever its size.
Bytes encode_segment(std::span<const Entry> entries);
SegmentRef reference_to(std::uint32_t entries, ByteSpan segment);

// One entry of a version after the other.
class EntryStream {
 public:
  virtual ~EntryStream() = default;
  // Valid until the next call; nullptr at the end.
  virtual Result<const Entry*> next() = 0;
};

// Of a list, which must outlive it.
class ListedEntries final : public EntryStream {
 public:
  explicit ListedEntries(const std::vector<Entry>& entries) : entries_(entries) {}
  Result<const Entry*> next() override {
    return at_ < entries_.size() ? &entries_[at_++] : nullptr;
  }

 private:
  const std::vector<Entry>& entries_;
  std::size_t at_ = 0;
};

// Of segments, each fetched when its turn comes. Code::corrupt if one is not exactly what its
// reference says, or if the entries of all together are not those of a version.
class SegmentedEntries final : public EntryStream {
 public:
  // Gives the encoded segment. Whether it is the right one is checked here.
  using Fetch = std::function<Result<Bytes>(const SegmentRef& segment)>;

  // `segments` must outlive it.
  SegmentedEntries(const std::vector<SegmentRef>& segments, Fetch fetch,
                   std::uint64_t max_text_bytes = kMaxIndexTextBytes)
      : segments_(segments), fetch_(std::move(fetch)), rules_(max_text_bytes) {}

  Result<const Entry*> next() override;

 private:
  Result<void> open_segment();

  const std::vector<SegmentRef>& segments_;
  Fetch fetch_;
  TreeRules rules_;
  std::size_t at_ = 0;  // the segment to open next
  Bytes encoded_;
  std::optional<Reader> reader_;
  std::uint32_t left_ = 0;       // entries of the open segment
  bool starts_segment_ = false;  // nothing of it has been read
  Entry current_;
  Entry previous_;
};

}  // namespace mikura

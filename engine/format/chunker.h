// Chunker: where a large file is cut, so that an edit changes few chunks (M5.2).
//
// FastCDC (Xia et al., USENIX ATC 2016) with normalised chunking: a gear hash rolls over the last
// 64 bytes, and a chunk ends where its highest bits are zero: more bits before the average size,
// fewer behind it. The gear table is derived from K_chunk, so that the cuts (which the sizes of
// objects hint at) differ from repository to repository. An SQLite database is cut into runs of
// its pages instead: its edits replace pages, and never move them. Readers take any division, so
// nothing here is part of the format. Pure; const use from any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "crypto/secret_key.h"

namespace mikura {

// Files from this size on are stored in chunks; smaller ones are one blob.
inline constexpr std::uint64_t kChunkedFromBytes = 1 << 20;
// So many bytes of the beginning tell an SQLite database.
inline constexpr std::size_t kFileMagicBytes = 100;

// 256 secret numbers. Wiped in the end.
class GearTable {
 public:
  explicit GearTable(const ChunkKey& key);
  GearTable(const GearTable&) = delete;
  GearTable& operator=(const GearTable&) = delete;
  ~GearTable();

  std::uint64_t operator[](std::byte b) const { return rows_[std::to_integer<std::size_t>(b)]; }

 private:
  std::array<std::uint64_t, 256> rows_{};
};

// 1 <= min <= average <= max <= kMaxBlobBytes; average is a power of two.
struct ChunkSizes {
  std::size_t min_bytes = 8 << 10;
  std::size_t average_bytes = 32 << 10;
  std::size_t max_bytes = 128 << 10;
  friend bool operator==(const ChunkSizes&, const ChunkSizes&) = default;
};
// Larger for larger files, so that no file of up to kMaxFileBytes has more than kMaxChunksPerFile.
ChunkSizes chunk_sizes_for(std::uint64_t file_bytes);

class Chunker {
 public:
  // For a file of this size that begins like this (kFileMagicBytes, or all of it). `gear` must
  // outlive the chunker.
  Chunker(const GearTable& gear, std::uint64_t file_bytes, ByteSpan beginning);

  // The size of the chunk that begins where `data` does. `data` has at least max_bytes(), or all
  // that is left of the file; it is not empty. A cut depends on the bytes of its chunk alone.
  std::size_t cut(ByteSpan data) const;

  std::size_t max_bytes() const { return run_bytes_ != 0 ? run_bytes_ : sizes_.max_bytes; }

 private:
  const GearTable& gear_;
  ChunkSizes sizes_;
  unsigned strict_shift_;      // before the average: a cut where hash >> shift is zero
  unsigned loose_shift_;       // behind it
  std::size_t run_bytes_ = 0;  // 0: no database
};

}  // namespace mikura

#include "format/chunker.h"

#include <algorithm>
#include <bit>

#include "base/check.h"
#include "crypto/hash.h"
#include "format/content.h"

namespace mikura {
namespace {

constexpr std::string_view kGearLabel = "mikura/v1/gear";
constexpr std::uint64_t kLargeFileBytes = 256ULL << 20;
// The gear hash forgets what lies further back: each step shifts it by one bit.
constexpr std::size_t kWindowBytes = 64;
// "Normalisation level 2" of the paper: two bits more before the average, two fewer behind it.
constexpr int kNormalBits = 2;

// The size of a page if this is how an SQLite database begins, else 0
// (https://www.sqlite.org/fileformat.html, "The Database Header").
std::size_t sqlite_page_bytes(ByteSpan beginning) {
  constexpr std::string_view kMagic{"SQLite format 3\0", 16};
  if (beginning.size() < kFileMagicBytes || as_text(beginning.first(kMagic.size())) != kMagic)
    return 0;
  const std::size_t field = std::to_integer<std::size_t>(beginning[16]) << 8 |
                            std::to_integer<std::size_t>(beginning[17]);
  const std::size_t page = field == 1 ? 65536 : field;
  return std::has_single_bit(page) && page >= 512 ? page : 0;
}

}  // namespace

GearTable::GearTable(const ChunkKey& key) {
  ByteArray<256 * 8> bytes;
  hkdf_expand(key.expose(), as_bytes(kGearLabel), bytes);
  for (std::size_t i = 0; i < bytes.size(); ++i)
    rows_[i / 8] |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * (i % 8));
  wipe(bytes);
}

GearTable::~GearTable() {
  wipe(std::as_writable_bytes(std::span(rows_)));
}

ChunkSizes chunk_sizes_for(std::uint64_t file_bytes) {
  ChunkSizes sizes;
  const auto double_them = [&] {
    constexpr std::size_t kMost = kMaxBlobBytes;
    sizes.min_bytes = std::min(2 * sizes.min_bytes, kMost);
    sizes.average_bytes = std::min(2 * sizes.average_bytes, kMost);
    sizes.max_bytes = std::min(2 * sizes.max_bytes, kMost);
  };
  if (file_bytes > kLargeFileBytes) double_them();
  while (file_bytes / sizes.min_bytes >= kMaxChunksPerFile && sizes.min_bytes < kMaxBlobBytes)
    double_them();
  return sizes;
}

Chunker::Chunker(const GearTable& gear, std::uint64_t file_bytes, ByteSpan beginning)
    : gear_(gear), sizes_(chunk_sizes_for(file_bytes)) {
  const int bits = std::bit_width(sizes_.average_bytes) - 1;
  strict_shift_ = static_cast<unsigned>(64 - bits - kNormalBits);
  loose_shift_ = static_cast<unsigned>(64 - bits + kNormalBits);
  if (const std::size_t page = sqlite_page_bytes(beginning); page != 0)
    run_bytes_ = std::max(page, std::min<std::size_t>(2 * sizes_.min_bytes, kMaxBlobBytes));
}

std::size_t Chunker::cut(ByteSpan data) const {
  DCHECK(!data.empty());
  if (run_bytes_ != 0) return std::min(run_bytes_, data.size());
  const std::size_t end = std::min(data.size(), sizes_.max_bytes);
  if (end <= sizes_.min_bytes) return end;
  std::uint64_t hash = 0;
  std::size_t at = sizes_.min_bytes - kWindowBytes;
  for (; at < sizes_.min_bytes; ++at)
    hash = (hash << 1) + gear_[data[at]];
  const std::size_t normal = std::min(end, sizes_.average_bytes);
  for (; at < normal; ++at) {
    hash = (hash << 1) + gear_[data[at]];
    if (hash >> strict_shift_ == 0) return at + 1;
  }
  for (; at < end; ++at) {
    hash = (hash << 1) + gear_[data[at]];
    if (hash >> loose_shift_ == 0) return at + 1;
  }
  return end;
}

}  // namespace mikura

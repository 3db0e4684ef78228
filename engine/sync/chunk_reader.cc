#include "sync/chunk_reader.h"

#include <algorithm>

namespace mikura {
namespace {

constexpr std::size_t kMinBufferBytes = 512 << 10;

}  // namespace

ChunkReader::ChunkReader(FileReader& file, const GearTable& gear, std::uint64_t file_bytes)
    : file_(file),
      gear_(gear),
      file_bytes_(file_bytes),
      buffer_(std::max(kMinBufferBytes, 2 * chunk_sizes_for(file_bytes).max_bytes)) {}

Result<void> ChunkReader::fill() {
  std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
            buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
  end_ -= begin_;
  begin_ = 0;
  while (end_ < buffer_.size()) {
    TRY_ASSIGN(const std::size_t n, file_.read(std::span(buffer_).subspan(end_)));
    if (n == 0) {
      at_end_ = true;
      break;
    }
    end_ += n;
  }
  return {};
}

Result<ByteSpan> ChunkReader::next() {
  if (!chunker_) {
    TRY(fill());
    chunker_.emplace(gear_, file_bytes_, std::span(buffer_).first(std::min(end_, kFileMagicBytes)));
  }
  if (!at_end_ && end_ - begin_ < chunker_->max_bytes()) TRY(fill());
  const ByteSpan rest = std::span(buffer_).subspan(begin_, end_ - begin_);
  if (rest.empty()) return ByteSpan();
  const std::size_t size = chunker_->cut(rest);
  begin_ += size;
  return rest.first(size);
}

}  // namespace mikura

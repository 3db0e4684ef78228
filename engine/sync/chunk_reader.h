// ChunkReader: a file of the working tree, chunk by chunk. One thread. Memory: four of its largest
// chunks, or half a MiB.
#pragma once

#include <optional>

#include "format/chunker.h"
#include "local/working_tree.h"

namespace mikura {

class ChunkReader {
 public:
  // Cuts as a file of `file_bytes` is cut, whatever its size turns out to be. Both must outlive it.
  ChunkReader(FileReader& file, const GearTable& gear, std::uint64_t file_bytes);

  // The next chunk, valid until the next call; empty at the end of the file.
  Result<ByteSpan> next();

 private:
  Result<void> fill();

  FileReader& file_;
  const GearTable& gear_;
  const std::uint64_t file_bytes_;
  std::optional<Chunker> chunker_;  // once the beginning is known
  Bytes buffer_;
  std::size_t begin_ = 0;  // what of the buffer is still to be shown
  std::size_t end_ = 0;
  bool at_end_ = false;  // of the file
};

}  // namespace mikura

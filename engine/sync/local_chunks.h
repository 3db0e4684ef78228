// LocalChunks: the chunks that a file of the working tree happens to hold, so that a newer or older
// version of it is rebuilt from them and only what differs is fetched.
//
// Only hints: the file may change at any time, so what is read is compared with its hash. One
// thread. Memory: some 60 bytes a chunk.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <unordered_map>

#include "sync/context.h"

namespace mikura {

class LocalChunks {
 public:
  // Reads the file at `path` once, and cuts it as `list` was cut. Finds nothing if there is no such
  // file, or if another rule divided the list.
  static Result<LocalChunks> find(const SyncContext& context, const std::string& path,
                                  const ChunkList& list, std::stop_token stop);

  bool has(const Chunk& chunk) const { return offsets_.contains(chunk.sha256); }
  // nullopt if it is not there (any more).
  std::optional<Bytes> read(const Chunk& chunk);

 private:
  std::unique_ptr<FileReader> file_;
  std::unordered_map<Sha256Digest, std::uint64_t> offsets_;
};

}  // namespace mikura

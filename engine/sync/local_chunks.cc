#include "sync/local_chunks.h"

#include <algorithm>
#include <unordered_set>

#include "crypto/hash.h"
#include "sync/chunk_reader.h"

namespace mikura {

Result<LocalChunks> LocalChunks::find(const SyncContext& context, const std::string& path,
                                      const ChunkList& list, std::stop_token stop) {
  LocalChunks found;
  std::unordered_set<Sha256Digest> wanted;
  const std::size_t largest = chunk_sizes_for(list.size_bytes).max_bytes;
  for (const Chunk& chunk : list.chunks) {
    if (chunk.size_bytes > largest) return found;
    wanted.insert(chunk.sha256);
  }
  auto file = context.tree.open_file(path);
  if (!file) return found;  // gone, or not to be read: everything is fetched
  found.file_ = *std::move(file);
  ChunkReader reader(*found.file_, context.vault->gear(), list.size_bytes);
  for (std::uint64_t offset = 0;;) {
    TRY(check_stop(stop));
    const auto data = reader.next();
    if (!data || data->empty()) break;
    const Sha256Digest content = sha256(*data);
    if (wanted.contains(content)) found.offsets_.emplace(content, offset);
    offset += data->size();
  }
  return found;
}

std::optional<Bytes> LocalChunks::read(const Chunk& chunk) {
  const auto place = offsets_.find(chunk.sha256);
  if (place == offsets_.end()) return std::nullopt;
  Bytes data(chunk.size_bytes);
  std::size_t done = 0;
  while (done < data.size()) {
    const auto n = file_->read_at(place->second + done, std::span(data).subspan(done));
    if (!n || *n == 0) return std::nullopt;
    done += *n;
  }
  if (sha256(data) != chunk.sha256) return std::nullopt;
  return data;
}

}  // namespace mikura

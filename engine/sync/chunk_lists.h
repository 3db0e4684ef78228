// Chunk lists: fetched whole, whatever their format, and kept locally for the next edit of the same
// file.
#pragma once

#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "format/chunk_parts.h"
#include "sync/context.h"

namespace mikura {

struct LoadedChunkList {
  ChunkList list;
  std::vector<Sha256Digest> parts;  // blobs that the list itself consists of
};

// The chunk list of a file entry of form chunks; from the state if it is kept there. Code::corrupt
// unless it is the list of exactly this file.
Result<LoadedChunkList> load_chunk_list(const SyncContext& context, const Entry& entry,
                                        std::stop_token stop);

// Keeps the list of the newest version of a file for load_chunk_list, which then fetches nothing,
// or only the parts in which another version differs. Only a cache: what does not fit its hash is
// not used.
Result<void> keep_chunk_list(const SyncContext& context, const std::string& path,
                             const ChunkList& list);

// Reads blobs, whatever packs they lie in, with few requests. Result i belongs to wanted[i]; all
// are verified. The caller has a lease for them, and for as much again.
Result<std::vector<Bytes>> read_blobs(const SyncContext& context, std::span<const Chunk> wanted,
                                      std::stop_token stop);

}  // namespace mikura

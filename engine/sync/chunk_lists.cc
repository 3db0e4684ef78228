#include "sync/chunk_lists.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "crypto/hash.h"
#include "sync/packed_downloads.h"

namespace mikura {
namespace {

// Requests at once for one file; several files travel at once anyway.
constexpr unsigned kMaxReads = 8;
// Parts that are read together.
constexpr std::size_t kPartsAtOnce = 256;

// No object of a store is called so.
std::string place_of(const std::string& path) {
  return "chunk-list/" + path;
}

struct KeptList {
  ChunkList list;
  EncodedChunkList encoded;
};

// What is kept for this path: perhaps the list of another version of the file.
std::optional<KeptList> kept_list(const SyncContext& context, const std::string& path) {
  const auto kept = context.state.cached_object(place_of(path));
  if (!kept || !*kept) return std::nullopt;
  auto list = decode_chunk_list((*kept)->data);
  if (!list) return std::nullopt;
  EncodedChunkList encoded = encode_for_store(*list);
  return KeptList{*std::move(list), std::move(encoded)};
}

// The encoded parts; those that the kept list has, too, are not fetched.
Result<std::vector<Bytes>> read_parts(const SyncContext& context, std::span<const ChunkPart> parts,
                                      const std::map<Sha256Digest, Bytes>& known,
                                      std::stop_token stop) {
  std::vector<Chunk> wanted;
  for (const ChunkPart& part : parts) {
    if (!known.contains(part.sha256))
      wanted.push_back({part.sha256, static_cast<std::uint32_t>(chunk_part_bytes(part.chunks))});
  }
  TRY_ASSIGN(std::vector<Bytes> fetched, read_blobs(context, wanted, stop));
  std::vector<Bytes> encoded;
  std::size_t next = 0;
  for (const ChunkPart& part : parts) {
    const auto found = known.find(part.sha256);
    if (found != known.end())
      encoded.push_back(found->second);
    else
      encoded.push_back(std::move(fetched[next++]));
  }
  return encoded;
}

Result<LoadedChunkList> join_parts(const SyncContext& context, const PartedChunkList& parted,
                                   const std::optional<KeptList>& kept, std::stop_token stop) {
  std::map<Sha256Digest, Bytes> known;
  for (std::size_t i = 0; kept && i < kept->encoded.parts.size(); ++i)
    known.emplace(kept->encoded.part_contents[i], kept->encoded.parts[i]);
  LoadedChunkList loaded{{parted.file_sha256, parted.size_bytes, {}}, {}};
  for (std::size_t first = 0; first < parted.parts.size(); first += kPartsAtOnce) {
    const std::size_t count = std::min(kPartsAtOnce, parted.parts.size() - first);
    const auto parts = std::span(parted.parts).subspan(first, count);
    TRY_ASSIGN(const auto encoded, read_parts(context, parts, known, stop));
    for (std::size_t i = 0; i < count; ++i) {
      TRY_ASSIGN(const auto chunks, decode_chunk_part(encoded[i], parts[i]));
      loaded.list.chunks.insert(loaded.list.chunks.end(), chunks.begin(), chunks.end());
      loaded.parts.push_back(parts[i].sha256);
    }
  }
  return loaded;
}

Result<LoadedChunkList> fetch_chunk_list(const SyncContext& context, const Entry& entry,
                                         const std::optional<KeptList>& kept,
                                         std::stop_token stop) {
  TRY_ASSIGN(const Bytes encoded, context.vault->read_chunk_list(entry.content, stop));
  ++context.counts.downloaded_objects;
  const auto require_own = [&](const Sha256Digest& file, std::uint64_t size) -> Result<void> {
    if (file == entry.sha256 && size == entry.size_bytes) return {};
    return Error(Code::corrupt, fmt::format("the list of chunks {} belongs to another file than {}",
                                            context.vault->name_of(entry.content), entry.path));
  };
  if (!is_parted_list(encoded)) {
    TRY_ASSIGN(ChunkList list, decode_chunk_list(encoded));
    TRY(require_own(list.file_sha256, list.size_bytes));
    return LoadedChunkList{std::move(list), {}};
  }
  TRY_ASSIGN(const PartedChunkList parted, decode_parted_list(encoded));
  TRY(require_own(parted.file_sha256, parted.size_bytes));
  return join_parts(context, parted, kept, stop);
}

// What does not open from the run is read on its own.
Result<void> open_run(const SyncContext& context, std::span<const Chunk> wanted, const PackRun& run,
                      std::vector<Bytes>& blobs, std::stop_token stop) {
  TRY_ASSIGN(const auto bytes, read_run(context, run, stop));
  for (const PackRun::Item& item : run.items) {
    TRY(check_stop(stop));
    const Chunk& chunk = wanted[item.file];
    if (bytes) {
      auto opened =
          context.vault->open_blob(chunk.sha256, chunk.size_bytes, sealed_in(*bytes, run, item));
      if (opened) {
        blobs[item.file] = *std::move(opened);
        continue;
      }
    }
    TRY_ASSIGN(blobs[item.file], context.vault->read_blob(chunk.sha256, chunk.size_bytes, stop));
  }
  return {};
}

}  // namespace

Result<std::vector<Bytes>> read_blobs(const SyncContext& context, std::span<const Chunk> wanted,
                                      std::stop_token stop) {
  std::vector<Bytes> blobs(wanted.size());
  std::vector<WantedBlob> asked;
  asked.reserve(wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i)
    asked.push_back({i, &wanted[i].sha256});
  TRY_ASSIGN(const Download download, group_wanted(context, asked, stop));
  const auto& [runs, alone] = download;
  TRY(for_each_bounded(runs.size() + alone.size(), std::min(context.concurrency, kMaxReads), stop,
                       [&](std::size_t i, std::stop_token inner) -> Result<void> {
                         ++context.counts.downloaded_objects;
                         if (i < runs.size())
                           return open_run(context, wanted, runs[i], blobs, inner);
                         const std::size_t at = alone[i - runs.size()];
                         TRY_ASSIGN(blobs[at],
                                    context.vault->read_blob(wanted[at].sha256,
                                                             wanted[at].size_bytes, inner));
                         return {};
                       }));
  for (const Bytes& blob : blobs)
    context.counts.downloaded_bytes += blob.size();
  return blobs;
}

Result<LoadedChunkList> load_chunk_list(const SyncContext& context, const Entry& entry,
                                        std::stop_token stop) {
  auto kept = kept_list(context, entry.path);
  if (kept && kept->encoded.content == entry.content)
    return LoadedChunkList{std::move(kept->list), std::move(kept->encoded.part_contents)};
  return fetch_chunk_list(context, entry, kept, stop);
}

Result<void> keep_chunk_list(const SyncContext& context, const std::string& path,
                             const ChunkList& list) {
  return context.state.cache_object(place_of(path), {encode_chunk_list(list), {}});
}

}  // namespace mikura

#include "sync/chunked_download.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "crypto/hash.h"
#include "sync/chunk_lists.h"
#include "sync/local_chunks.h"

namespace mikura {
namespace {

// So much of what is fetched is in memory at once: somewhat more than a pack holds.
constexpr std::uint64_t kMaxWindowBytes = 12ULL << 20;
// From here on a window ends where the next pack begins, so that no pack is read for two windows.
constexpr std::uint64_t kMinWindowBytes = 4ULL << 20;
constexpr std::size_t kMaxWindowChunks = 4096;

class Download {
 public:
  Download(const SyncContext& context, const ChunkList& list, LocalChunks local,
           std::stop_token stop)
      : context_(context), list_(list), local_(std::move(local)), stop_(std::move(stop)) {}

  Result<void> run(const std::function<Result<void>(ByteSpan)>& sink) {
    for (std::size_t first = 0; first < list_.chunks.size();) {
      TRY(check_stop(stop_));
      TRY_ASSIGN(const std::size_t count, window(first));
      TRY(pass(std::span(list_.chunks).subspan(first, count), sink));
      first += count;
    }
    return {};
  }

 private:
  // How many chunks from `first` on to bring together.
  Result<std::size_t> window(std::size_t first) {
    std::uint64_t bytes = 0;
    std::optional<Uuid> pack;
    std::size_t count = 0;
    std::size_t wanted = 0;
    for (; first + count < list_.chunks.size() && wanted < kMaxWindowChunks; ++count) {
      const Chunk& chunk = list_.chunks[first + count];
      if (local_.has(chunk)) continue;  // read when its turn comes
      if (wanted > 0 && bytes + chunk.size_bytes > kMaxWindowBytes) break;
      TRY_ASSIGN(const auto place, context_.vault->find_in_packs(chunk.sha256, stop_));
      const bool is_next_pack = place && pack && !(place->pack == *pack);
      if (is_next_pack && bytes >= kMinWindowBytes) break;
      if (place) pack = place->pack;
      bytes += chunk.size_bytes;
      ++wanted;
    }
    return count;
  }

  Result<void> pass(std::span<const Chunk> chunks,
                    const std::function<Result<void>(ByteSpan)>& sink) {
    std::vector<Chunk> wanted;
    std::unordered_map<Sha256Digest, std::size_t> places;
    std::uint64_t bytes = 0;
    for (const Chunk& chunk : chunks) {
      if (local_.has(chunk) || !places.emplace(chunk.sha256, wanted.size()).second) continue;
      wanted.push_back(chunk);
      bytes += chunk.size_bytes;
    }
    TRY_ASSIGN(const auto lease,
               ByteBudget::Lease::take(context_.memory, bytes * kContentCopies, stop_));
    TRY_ASSIGN(const std::vector<Bytes> fetched, read_blobs(context_, wanted, stop_));
    for (const Chunk& chunk : chunks) {
      const auto place = places.find(chunk.sha256);
      if (place != places.end()) {
        TRY(sink(fetched[place->second]));
        continue;
      }
      if (const auto local = local_.read(chunk)) {
        TRY(sink(*local));
        continue;
      }
      // The local file has changed meanwhile.
      TRY_ASSIGN(const auto blobs, read_blobs(context_, std::span(&chunk, 1), stop_));
      TRY(sink(blobs.front()));
    }
    return {};
  }

  const SyncContext& context_;
  const ChunkList& list_;
  LocalChunks local_;
  const std::stop_token stop_;
};

}  // namespace

Result<void> fetch_chunks(const SyncContext& context, const Entry& entry,
                          const RebuildOptions& options,
                          const std::function<Result<void>(ByteSpan)>& sink, std::stop_token stop) {
  TRY_ASSIGN(const LoadedChunkList loaded, load_chunk_list(context, entry, stop));
  LocalChunks chunks;
  if (options.local != nullptr) {
    TRY_ASSIGN(chunks, LocalChunks::find(context, *options.local, loaded.list, stop));
  }
  Sha256 whole;
  std::uint64_t size_bytes = 0;
  TRY(Download(context, loaded.list, std::move(chunks), stop).run([&](ByteSpan data) {
    whole.update(data);
    size_bytes += data.size();
    return sink(data);
  }));
  if (whole.finish() != entry.sha256 || size_bytes != entry.size_bytes) {
    return Error(Code::corrupt,
                 fmt::format("the chunks of {} do not add up to the content that the index names",
                             entry.path));
  }
  if (!options.keep_list) return {};
  return keep_chunk_list(context, entry.path, loaded.list);
}

}  // namespace mikura

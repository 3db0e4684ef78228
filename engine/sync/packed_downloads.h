// Reading many packed blobs with few requests: which of the wanted ones are neighbours.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "sync/context.h"

namespace mikura {

// Blobs of one pack that one request brings.
struct PackRun {
  struct Item {
    std::size_t file = 0;  // index into what is asked for
    BlobPlace place;
  };
  std::vector<Item> items;  // ascending by offset
  std::uint64_t offset_bytes = 0;
  std::uint64_t length_bytes = 0;
};

struct Download {
  std::vector<PackRun> runs;
  std::vector<std::size_t> alone;  // indexes of files that are objects of their own, or chunked
};

// A blob that is asked for; `content` is null for what lies in no pack.
struct WantedBlob {
  std::size_t file = 0;
  const Sha256Digest* content = nullptr;
};
// Sorts what is wanted into what lies together, in the order of reading, and what does not.
Result<Download> group_wanted(const SyncContext& context, std::span<const WantedBlob> wanted,
                              std::stop_token stop);

// The bytes of a run, by one request. nullopt if the pack is damaged: then each blob is to be read
// on its own, which finds it elsewhere or says what is wrong.
Result<std::optional<Bytes>> read_run(const SyncContext& context, const PackRun& run,
                                      std::stop_token stop);
// The sealed blob of an item of the run, in those bytes.
ByteSpan sealed_in(ByteSpan bytes, const PackRun& run, const PackRun::Item& item);

// Sorts `wanted` (indexes into `files`, kind file) into what lies together and what does not.
Result<Download> group_downloads(const SyncContext& context, const std::vector<const Entry*>& files,
                                 const std::vector<std::size_t>& wanted, std::stop_token stop);

}  // namespace mikura

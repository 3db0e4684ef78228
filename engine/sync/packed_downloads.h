// Reading many packed blobs with few requests: which of the wanted ones are neighbours.
#pragma once

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

// What to read together of these, and in which order.
std::vector<PackRun> group_runs(std::vector<PackRun::Item> items, const PackLimits& limits);

// Sorts `wanted` (indexes into `files`, kind file) into what lies together and what does not.
Result<Download> group_downloads(const SyncContext& context, const std::vector<const Entry*>& files,
                                 const std::vector<std::size_t>& wanted, std::stop_token stop);

}  // namespace mikura

#include "sync/packed_downloads.h"

#include <algorithm>
#include <tuple>

namespace mikura {
namespace {

std::uint64_t end_of(const PackRun& run) {
  return run.offset_bytes + run.length_bytes;
}

// Takes the item into the run if one request for both is worth it.
bool joins(PackRun& run, const PackRun::Item& item, const PackLimits& limits) {
  if (run.items.empty() || !(run.items.front().place.pack == item.place.pack)) return false;
  const std::uint64_t begin = item.place.offset_bytes;
  const std::uint64_t end = std::max(end_of(run), begin + item.place.size_bytes);
  if (begin > end_of(run) + limits.max_gap_bytes) return false;
  if (end - run.offset_bytes > limits.max_read_bytes) return false;
  run.length_bytes = end - run.offset_bytes;
  run.items.push_back(item);
  return true;
}

// What to read together of these, and in which order.
std::vector<PackRun> group_runs(std::vector<PackRun::Item> items, const PackLimits& limits) {
  std::ranges::sort(items, [](const PackRun::Item& a, const PackRun::Item& b) {
    return std::tie(a.place.pack, a.place.offset_bytes, a.file) <
           std::tie(b.place.pack, b.place.offset_bytes, b.file);
  });
  std::vector<PackRun> runs;
  for (const PackRun::Item& item : items) {
    if (!runs.empty() && joins(runs.back(), item, limits)) continue;
    runs.push_back({{item}, item.place.offset_bytes, item.place.size_bytes});
  }
  return runs;
}

}  // namespace

Result<Download> group_wanted(const SyncContext& context, std::span<const WantedBlob> wanted,
                              std::stop_token stop) {
  Download download;
  std::vector<PackRun::Item> packed;
  for (const WantedBlob& blob : wanted) {
    std::optional<BlobPlace> place;
    if (blob.content != nullptr) {
      TRY_ASSIGN(place, context.vault->find_in_packs(*blob.content, stop));
    }
    if (place) {
      packed.push_back({blob.file, *place});
    } else {
      download.alone.push_back(blob.file);
    }
  }
  download.runs = group_runs(std::move(packed), context.packs);
  return download;
}

Result<std::optional<Bytes>> read_run(const SyncContext& context, const PackRun& run,
                                      std::stop_token stop) {
  const Uuid& pack = run.items.front().place.pack;
  auto bytes = context.vault->read_pack(pack, run.offset_bytes, run.length_bytes, stop);
  if (bytes) return std::optional<Bytes>(*std::move(bytes));
  if (bytes.failed_with(Code::corrupt)) return std::optional<Bytes>();
  return std::move(bytes).error();
}

ByteSpan sealed_in(ByteSpan bytes, const PackRun& run, const PackRun::Item& item) {
  return bytes.subspan(item.place.offset_bytes - run.offset_bytes, item.place.size_bytes);
}

Result<Download> group_downloads(const SyncContext& context, const std::vector<const Entry*>& files,
                                 const std::vector<std::size_t>& wanted, std::stop_token stop) {
  std::vector<WantedBlob> blobs;
  blobs.reserve(wanted.size());
  for (const std::size_t file : wanted) {
    const bool is_whole = files[file]->form == ContentForm::whole;
    blobs.push_back({file, is_whole ? &files[file]->sha256 : nullptr});
  }
  return group_wanted(context, blobs, stop);
}

}  // namespace mikura

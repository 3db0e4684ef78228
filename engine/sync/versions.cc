#include "sync/versions.h"

#include <unordered_map>
#include <unordered_set>

#include "base/guarded.h"
#include "crypto/hash.h"
#include "sync/packed_downloads.h"

namespace mikura {
namespace {

// Fetched and not yet kept: so much is held in memory at a time.
constexpr std::size_t kBatchSegments = 256;

Error not_kept() {
  return Error(Code::invalid, "the version this folder was last synced to is not kept locally")
      .with_hint("Run the command again with the key and the store at hand.");
}

Result<IndexRoot> load_root(const SyncContext& context, const VersionId& version,
                            const Sha256Digest& index_sha256, std::stop_token stop) {
  TRY_ASSIGN(const auto cached, context.state.cached_index(version));
  if (cached && sha256(*cached) == index_sha256) {
    auto root = decode_index_root(*cached);
    if (root) return root;
  }
  if (context.vault == nullptr) return not_kept();
  TRY_ASSIGN(LoadedRoot loaded, context.vault->read_index_root(version, index_sha256, stop));
  TRY(context.state.cache_index(version, loaded.encoded));
  return std::move(loaded.root);
}

// Fetches segments in parallel, neighbours in a pack with one request.
class SegmentFetcher {
 public:
  explicit SegmentFetcher(const SyncContext& context) : context_(context) {}

  Result<std::vector<CachedSegment>> fetch(std::span<const SegmentRef> segments,
                                           std::stop_token stop) {
    std::vector<WantedBlob> wanted;
    wanted.reserve(segments.size());
    for (std::size_t i = 0; i < segments.size(); ++i)
      wanted.push_back({i, &segments[i].sha256});
    TRY_ASSIGN(const Download download, group_wanted(context_, wanted, stop));
    const auto& [runs, alone] = download;
    TRY(for_each_bounded(runs.size() + alone.size(), context_.concurrency, stop,
                         [&](std::size_t i, std::stop_token inner) {
                           return i < runs.size()
                                      ? fetch_run(segments, runs[i], inner)
                                      : fetch_one(segments[alone[i - runs.size()]], inner);
                         }));
    std::vector<CachedSegment> all;
    fetched_.with([&](auto& fetched) { all = std::move(fetched); });
    return all;
  }

 private:
  Result<void> fetch_run(std::span<const SegmentRef> segments, const PackRun& run,
                         std::stop_token stop) {
    TRY_ASSIGN(const auto bytes, read_run(context_, run, stop));
    for (const PackRun::Item& item : run.items) {
      const SegmentRef& segment = segments[item.file];
      if (bytes) {
        if (auto encoded = context_.vault->open_segment(segment, sealed_in(*bytes, run, item))) {
          add(segment, *std::move(encoded));
          continue;
        }
      }
      TRY(fetch_one(segment, stop));  // it may also lie alone
    }
    return {};
  }

  Result<void> fetch_one(const SegmentRef& segment, std::stop_token stop) {
    TRY_ASSIGN(Bytes encoded, context_.vault->read_segment(segment, stop));
    add(segment, std::move(encoded));
    return {};
  }

  void add(const SegmentRef& segment, Bytes encoded) {
    fetched_.with([&](auto& fetched) { fetched.push_back({segment.sha256, std::move(encoded)}); });
  }

  const SyncContext& context_;
  Guarded<std::vector<CachedSegment>> fetched_;
};

Result<void> fetch_missing(const SyncContext& context, const std::vector<SegmentRef>& segments,
                           std::stop_token stop) {
  std::vector<Sha256Digest> all;
  all.reserve(segments.size());
  for (const SegmentRef& segment : segments)
    all.push_back(segment.sha256);
  TRY_ASSIGN(const auto missing_list, context.state.missing_segments(all));
  if (missing_list.empty()) return {};
  if (context.vault == nullptr) return not_kept();
  const std::unordered_set<Sha256Digest> missing(missing_list.begin(), missing_list.end());
  std::vector<SegmentRef> wanted;
  for (const SegmentRef& segment : segments) {
    if (missing.contains(segment.sha256)) wanted.push_back(segment);
  }
  for (std::size_t at = 0; at < wanted.size(); at += kBatchSegments) {
    const auto batch = std::span(wanted).subspan(at, std::min(kBatchSegments, wanted.size() - at));
    TRY_ASSIGN(const auto fetched, SegmentFetcher(context).fetch(batch, stop));
    TRY(context.state.cache_segments(fetched));
  }
  return {};
}

}  // namespace

Result<Version> load_version(const SyncContext& context, const VersionId& version,
                             const Sha256Digest& index_sha256, std::stop_token stop) {
  TRY_ASSIGN(IndexRoot root, load_root(context, version, index_sha256, stop));
  if (root.segments.empty()) return Version{std::move(root.index), {}};
  TRY(fetch_missing(context, root.segments, stop));
  SegmentedEntries stream(root.segments, [&](const SegmentRef& segment) -> Result<Bytes> {
    TRY_ASSIGN(auto cached, context.state.cached_segment(segment.sha256));
    if (cached && sha256(*cached) == segment.sha256) return *std::move(cached);
    if (context.vault == nullptr) return not_kept();
    TRY_ASSIGN(Bytes encoded, context.vault->read_segment(segment, stop));
    TRY(context.state.cache_segments(std::vector{CachedSegment{segment.sha256, encoded}}));
    return encoded;
  });
  std::uint64_t count = 0;
  for (const SegmentRef& segment : root.segments)
    count += segment.entries;
  root.index.entries.reserve(count);
  for (;;) {
    TRY_ASSIGN(const Entry* entry, stream.next());
    if (entry == nullptr) break;
    root.index.entries.push_back(*entry);
  }
  return Version{std::move(root.index), std::move(root.segments)};
}

Result<Index> load_index(const SyncContext& context, const VersionId& version,
                         const Sha256Digest& index_sha256, std::stop_token stop) {
  TRY_ASSIGN(Version loaded, load_version(context, version, index_sha256, stop));
  return std::move(loaded.index);
}

Result<DividedEntries> divide_entries(const SyncContext& context, const std::vector<Entry>& entries,
                                      const std::vector<SegmentRef>& known) {
  DividedEntries divided;
  if (entries.size() <= context.max_whole_entries) return divided;
  std::unordered_set<Sha256Digest> stored;
  for (const SegmentRef& segment : known)
    stored.insert(segment.sha256);
  SegmentWriter writer(context.vault->cut_key(),
                       [&](const SegmentRef& segment, Bytes encoded) -> Result<void> {
                         if (!stored.contains(segment.sha256))
                           divided.fresh.push_back({segment.sha256, std::move(encoded)});
                         return {};
                       });
  for (const Entry& entry : entries)
    TRY(writer.add(entry));
  TRY_ASSIGN(divided.segments, writer.finish());
  return divided;
}

}  // namespace mikura

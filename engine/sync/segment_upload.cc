// Storing the segments of a version that is about to be published.
#include <algorithm>
#include <unordered_set>

#include "sync/checkpoints.h"
#include "sync/versions.h"

namespace mikura {
namespace {

using Segments = std::span<const NewSegment* const>;

class SegmentUploader {
 public:
  SegmentUploader(const SyncContext& context, std::uint64_t gc_epoch)
      : context_(context), checkpoints_(context, gc_epoch) {}

  Result<void> store_alone(const NewSegment& segment, std::stop_token stop) {
    TRY_ASSIGN(const std::uint64_t sent,
               context_.vault->write_segment(segment.sha256, segment.encoded, stop));
    return checkpoints_.stored(segment.sha256, sent, stop);
  }

  Result<void> store_pack(Segments group, std::stop_token stop) {
    Bytes blobs;
    std::vector<PackEntry> entries;
    for (const NewSegment* segment : group) {
      const Bytes sealed = context_.vault->seal_segment(segment->sha256, segment->encoded);
      entries.push_back({segment->sha256, static_cast<std::uint32_t>(blobs.size()),
                         static_cast<std::uint32_t>(sealed.size())});
      append(blobs, sealed);
    }
    const std::uint64_t sent = blobs.size();
    TRY_ASSIGN(CatalogPack pack,
               context_.vault->write_pack(std::move(blobs), std::move(entries), stop));
    return checkpoints_.stored(std::move(pack), sent, stop);
  }

  Result<void> finish(std::stop_token stop) { return checkpoints_.finish(std::move(stop)); }

 private:
  const SyncContext& context_;
  Checkpoints checkpoints_;
};

// Neighbours, as they are read together.
std::vector<Segments> group(Segments segments, const PackLimits& limits) {
  std::vector<Segments> groups;
  std::size_t begin = 0;
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const std::uint64_t size = segments[i]->encoded.size();
    if (i > begin &&
        (bytes + size > limits.max_group_bytes || i - begin == limits.max_group_files)) {
      groups.push_back(segments.subspan(begin, i - begin));
      begin = i;
      bytes = 0;
    }
    bytes += size;
  }
  groups.push_back(segments.subspan(begin));
  return groups;
}

Result<void> store(const SyncContext& context, Segments segments, const Head& head,
                   std::stop_token stop) {
  SegmentUploader uploader(context, head.gc_epoch);
  const bool packs = segments.size() >= context.packs.min_files && context.vault->takes_packs(head);
  std::vector<Segments> groups;
  if (packs) groups = group(segments, context.packs);
  auto all = for_each_bounded(packs ? groups.size() : segments.size(), context.concurrency, stop,
                              [&](std::size_t i, std::stop_token inner) {
                                return packs ? uploader.store_pack(groups[i], inner)
                                             : uploader.store_alone(*segments[i], inner);
                              });
  // What was stored before an error is still worth remembering.
  auto finished = uploader.finish(all ? stop : std::stop_token());
  return all ? std::move(finished) : std::move(all);
}

// A few at a time: a version's segments may be many.
Result<void> keep(const SyncContext& context, const std::vector<NewSegment>& segments) {
  constexpr std::size_t kBatch = 256;
  for (std::size_t at = 0; at < segments.size(); at += kBatch) {
    std::vector<CachedSegment> batch;
    for (std::size_t i = at; i < std::min(at + kBatch, segments.size()); ++i)
      batch.push_back({segments[i].sha256, segments[i].encoded});
    TRY(context.state.cache_segments(batch));
  }
  return {};
}

}  // namespace

Result<void> upload_segments(const SyncContext& context, const std::vector<NewSegment>& segments,
                             const Head& head, std::stop_token stop) {
  if (segments.empty()) return {};
  TRY_ASSIGN(const auto resumed,
             context.state.uploads(context.clock.unix_ms() - kUploadMemoryMs, head.gc_epoch));
  const std::unordered_set<Sha256Digest> sent(resumed.begin(), resumed.end());
  std::vector<const NewSegment*> unsent;
  for (const NewSegment& segment : segments) {
    if (!sent.contains(segment.sha256)) unsent.push_back(&segment);
  }
  if (!unsent.empty()) TRY(store(context, unsent, head, stop));
  return keep(context, segments);
}

}  // namespace mikura

// Versions, from the local cache and the repository: each object and segment is fetched once and
// kept (docs/sync.md, "What need not travel").
//
// What the cache gives is checked against its hash like what the store gives; what is missing in
// it, or damaged, is fetched. Thread-safety: as SyncContext's parts.
#pragma once

#include <stop_token>
#include <vector>

#include "format/index_segments.h"
#include "sync/context.h"

namespace mikura {

// A version with its entries, and how those are stored.
struct Version {
  Index index;
  std::vector<SegmentRef> segments;  // empty: within the index
};

// Code::invalid if something of it is not cached and context.vault is null.
Result<Version> load_version(const SyncContext& context, const VersionId& version,
                             const Sha256Digest& index_sha256, std::stop_token stop);
// The same without the segments.
Result<Index> load_index(const SyncContext& context, const VersionId& version,
                         const Sha256Digest& index_sha256, std::stop_token stop);

// A segment that the repository may not have yet.
struct NewSegment {
  Sha256Digest sha256;
  Bytes encoded;
};

// Entries as they are to be published: in segments if they are many.
struct DividedEntries {
  std::vector<SegmentRef> segments;  // all; empty: too few to be divided
  std::vector<NewSegment> fresh;     // those that `known` does not name
};
// Code::full if there are too many for one version.
Result<DividedEntries> divide_entries(const SyncContext& context, const std::vector<Entry>& entries,
                                      const std::vector<SegmentRef>& known);

// Stores segments, many of them in packs, and keeps them in the cache. What a killed run has stored
// is not sent again. Their catalogs are pending afterwards (pending_catalogs.h).
Result<void> upload_segments(const SyncContext& context, const std::vector<NewSegment>& segments,
                             const Head& head, std::stop_token stop);

}  // namespace mikura

// The segments of indexes that the state database keeps. Internal to local/: called under the lock
// and within the transaction of state_db.cc.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "local/sqlite.h"
#include "local/state.h"

namespace mikura {

Result<std::optional<Bytes>> read_cached_segment(Database& database, const Sha256Digest& sha256);
Result<std::vector<Sha256Digest>> find_missing_segments(Database& database,
                                                        std::span<const Sha256Digest> segments);
// Drops others, if all together become too large.
Result<void> write_cached_segments(Database& database, std::span<const CachedSegment> segments);
// Drops what no kept index names, and, from the newest index on, what is beyond the limit of size.
// What the base names always stays.
Result<void> prune_cached_segments(Database& database);

}  // namespace mikura

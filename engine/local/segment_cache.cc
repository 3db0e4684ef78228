#include "local/segment_cache.h"

#include <unordered_set>

#include "format/index.h"
#include "local/state_rows.h"

namespace mikura {
namespace {

constexpr std::int64_t kKeptBytes = 512LL << 20;

// The segments that stay: those of the base's index, and of the others from the newest on.
Result<std::unordered_set<Sha256Digest>> kept_segments(Database& database) {
  std::unordered_set<Sha256Digest> kept;
  std::uint64_t bytes = 0;
  TRY_ASSIGN(Statement select,
             database.prepare("SELECT data, version IN (SELECT version FROM base) AS is_base FROM "
                              "indexes ORDER BY is_base DESC, added DESC"));
  for (;;) {
    TRY_ASSIGN(const bool row, select.step());
    if (!row) return kept;
    if (!is_segmented(select.blob(0))) continue;
    const auto root = decode_index_root(select.blob(0));
    if (!root) continue;  // a damaged one is fetched again, and so are its segments
    std::vector<Sha256Digest> added;
    for (const SegmentRef& segment : root->segments) {
      if (!kept.insert(segment.sha256).second) continue;
      added.push_back(segment.sha256);
      bytes += segment.size_bytes;
    }
    const bool is_base = select.integer(1) != 0;
    if (is_base || bytes <= static_cast<std::uint64_t>(kKeptBytes)) continue;
    for (const Sha256Digest& sha256 : added)
      kept.erase(sha256);
    return kept;
  }
}

}  // namespace

Result<std::optional<Bytes>> read_cached_segment(Database& database, const Sha256Digest& sha256) {
  TRY_ASSIGN(Statement select, database.prepare("SELECT data FROM segments WHERE sha256 = ?"));
  select.bind_blob(1, sha256.bytes());
  TRY_ASSIGN(const bool row, select.step());
  if (!row) return std::optional<Bytes>();
  return std::optional<Bytes>(to_bytes(select.blob(0)));
}

Result<std::vector<Sha256Digest>> find_missing_segments(Database& database,
                                                        std::span<const Sha256Digest> segments) {
  std::vector<Sha256Digest> missing;
  TRY_ASSIGN(Statement select, database.prepare("SELECT 1 FROM segments WHERE sha256 = ?"));
  for (const Sha256Digest& sha256 : segments) {
    select.bind_blob(1, sha256.bytes());
    TRY_ASSIGN(const bool row, select.step());
    if (!row) missing.push_back(sha256);
    select.reset();
  }
  return missing;
}

Result<void> write_cached_segments(Database& database, std::span<const CachedSegment> segments) {
  TRY_ASSIGN(Statement insert, database.prepare("INSERT OR REPLACE INTO segments VALUES (?,?,?)"));
  for (const CachedSegment& segment : segments) {
    insert.bind_blob(1, segment.sha256.bytes())
        .bind(2, static_cast<std::int64_t>(segment.encoded.size()))
        .bind_blob(3, segment.encoded);
    TRY(insert.execute());
  }
  TRY_ASSIGN(Statement total, database.prepare("SELECT coalesce(sum(size), 0) FROM segments"));
  TRY_ASSIGN(const bool row, total.step());
  if (row && total.integer(0) > 2 * kKeptBytes) return prune_cached_segments(database);
  return {};
}

Result<void> prune_cached_segments(Database& database) {
  TRY_ASSIGN(const auto kept, kept_segments(database));
  std::vector<Sha256Digest> gone;
  {
    TRY_ASSIGN(Statement select, database.prepare("SELECT sha256 FROM segments"));
    for (;;) {
      TRY_ASSIGN(const bool row, select.step());
      if (!row) break;
      TRY_ASSIGN(const Sha256Digest sha256, id_of<Sha256Digest>(select.blob(0), "segments"));
      if (!kept.contains(sha256)) gone.push_back(sha256);
    }
  }
  TRY_ASSIGN(Statement remove, database.prepare("DELETE FROM segments WHERE sha256 = ?"));
  for (const Sha256Digest& sha256 : gone) {
    remove.bind_blob(1, sha256.bytes());
    TRY(remove.execute());
  }
  return {};
}

}  // namespace mikura

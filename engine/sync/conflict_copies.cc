#include "sync/conflict_copies.h"

#include <algorithm>

#include "base/local_time.h"
#include "format/path.h"
#include "sync/base.h"

namespace mikura {
namespace {

// The record holds the very content that the item's remote side has.
bool describes(const ConflictRecord& record, const PlanItem& item, const VersionId& version) {
  return record.path == item.path && record.remote_kind == item.remote->kind &&
         record.remote_sha256 == item.remote->sha256 &&
         record.remote_target == item.remote->target &&
         (item.remote->kind != EntryKind::directory || record.remote_version == version);
}

const ConflictRecord* find(const std::vector<ConflictRecord>& records, const std::string& path) {
  const auto at = std::find_if(records.begin(), records.end(),
                               [&](const ConflictRecord& record) { return record.path == path; });
  return at == records.end() ? nullptr : &*at;
}

ConflictRecord new_record(const Snapshot& snapshot, const PlanItem& item) {
  ConflictRecord record;
  record.path = item.path;
  record.remote_version = snapshot.head->head.version;
  record.remote_kind = item.remote->kind;
  record.remote_sha256 = item.remote->sha256;
  record.remote_target = item.remote->target;
  record.remote_device = snapshot.remote.device_name;
  record.remote_created_ms = snapshot.remote.created_unix_ms;
  // Where the local content comes from does not change when the repository moves on.
  const ConflictRecord* open = find(snapshot.conflicts, item.path);
  if (open == nullptr) open = find(snapshot.announced, item.path);
  record.base_version = open != nullptr ? open->base_version
                                        : origin_of(item.path, snapshot.base, snapshot.base_version,
                                                    snapshot.base_exceptions);
  return record;
}

}  // namespace

Result<std::optional<ConflictCopy>> ConflictCopies::announce(const Snapshot& snapshot,
                                                             const PlanItem& item) {
  const VersionId& version = snapshot.head->head.version;
  const ConflictRecord* open = find(snapshot.conflicts, item.path);
  if (open != nullptr && describes(*open, item, version)) return std::optional<ConflictCopy>();

  ConflictCopy copy;
  copy.record = new_record(snapshot, item);
  copy.record.since_unix_ms = context_.clock.unix_ms();
  const ConflictRecord* announced = find(snapshot.announced, item.path);
  if (announced != nullptr && describes(*announced, item, version)) {
    copy.record.copy_path = announced->copy_path;
  } else {
    TRY_ASSIGN(copy.record.copy_path, free_path(item.path));
    // Announced before it exists, so that a killed run is taken up under the same name.
    TRY(context_.state.put_conflict(copy.record));
  }
  const auto& remote = snapshot.remote.entries;
  for (auto entry = std::lower_bound(
           remote.begin(), remote.end(), item.path,
           [](const Entry& other, const std::string& path) { return other.path < path; });
       entry != remote.end() && entry->path.starts_with(item.path); ++entry) {
    if (is_within(entry->path, item.path)) copy.entries.push_back(&*entry);
  }
  return std::optional<ConflictCopy>(std::move(copy));
}

Result<std::string> ConflictCopies::free_path(const std::string& path) {
  const std::string time = local_time_text(context_.clock.unix_ns());
  const std::string parent(parent_path(path));
  for (unsigned counter = 1;; ++counter) {
    const std::string name = conflict_copy_name(file_name(path), time, counter);
    std::string candidate = parent.empty() ? name : parent + "/" + name;
    if (taken_.contains(candidate)) continue;
    TRY_ASSIGN(const auto there, context_.tree.inspect(candidate));
    if (there) continue;
    taken_.insert(candidate);
    return candidate;
  }
}

}  // namespace mikura

#include "sync/resolve.h"

#include <fmt/format.h>

#include <algorithm>

#include "format/path.h"
#include "sync/snapshot.h"
#include "sync/tree_change.h"

namespace mikura {
namespace {

Result<ConflictRecord> find_conflict(const SyncContext& context, const std::string& path) {
  TRY_ASSIGN(const auto records, context.state.conflicts());
  for (const ConflictRecord& record : records) {
    if (record.path == path || record.copy_path == path) return record;
  }
  return Error(Code::not_found, fmt::format("{} is not in conflict", path))
      .with_hint("`mikura conflicts` lists the conflicts.");
}

// Where the remote entry lies as a copy.
std::string copy_of(const ConflictRecord& record, const Entry& entry) {
  return record.copy_path + entry.path.substr(record.path.size());
}

// Moves the conflict copy to the backup. What a person put into a copied folder stays.
Result<void> put_copy_away(const SyncContext& context, const ConflictRecord& record,
                           const std::vector<Entry>& remote) {
  std::vector<std::string> paths;
  for (const Entry& entry : remote)
    paths.push_back(copy_of(record, entry));
  if (paths.empty() || paths.front() != record.copy_path)
    paths.insert(paths.begin(), record.copy_path);
  for (auto path = paths.rbegin(); path != paths.rend(); ++path) {
    TRY_ASSIGN(const auto there, context.tree.inspect(*path));
    if (!there) continue;
    const bool folder = there->kind == EntryKind::directory;
    auto removed = context.tree.remove(
        *path, folder ? Expectation::directory() : Expectation::node(there->stamp));
    if (!removed && !(folder && removed.failed_with(Code::refused))) return removed;
  }
  return {};
}

// Copies that still are what the repository has need not be fetched.
std::vector<Entry> copies_as_entries(const ConflictRecord& record,
                                     const std::vector<Entry>& remote) {
  std::vector<Entry> copies = remote;
  for (Entry& entry : copies)
    entry.path = copy_of(record, entry);
  return copies;
}

Result<void> take_remote(const SyncContext& context, const Snapshot& snapshot,
                         const ConflictRecord& record, const std::vector<Entry>& remote,
                         std::stop_token stop) {
  const std::vector<Entry> copies = copies_as_entries(record, remote);
  const LocalContents contents(copies);
  const std::vector<std::string> paths{record.path};
  const ApplyRequest request{steps_towards(snapshot.local, remote, paths, snapshot.base.entries),
                             {},
                             remote,
                             0,
                             {},
                             contents};
  TRY_ASSIGN(const ApplyOutcome outcome, apply_steps(context, request, stop));
  TRY(context.state.remember_files(outcome.records));
  return require_unchanged(outcome.changed_meanwhile);
}

}  // namespace

Result<ResolveReport> resolve_conflict(const SyncContext& context, const WorkspaceLink& link,
                                       const std::string& path, Resolution resolution,
                                       std::stop_token stop) {
  TRY_ASSIGN(const ConflictRecord record, find_conflict(context, path));
  const std::set<std::string> none;
  // The base holds what the repository had at the last look: that is what was copied.
  TRY_ASSIGN(const Snapshot snapshot,
             take_snapshot(context, {false, true, link.use_gitignore, none}, stop));
  const std::vector<Entry> remote = entries_within(snapshot.base.entries, {record.path});
  if (resolution == Resolution::take_remote)
    TRY(take_remote(context, snapshot, record, remote, stop));
  TRY(put_copy_away(context, record, remote));
  TRY(context.tree.flush());
  TRY(context.state.remove_conflict(record.path));
  return ResolveReport{record.path, resolution, context.tree.backup_folder()};
}

}  // namespace mikura

#include "sync/resolve.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/local_time.h"
#include "format/path.h"
#include "sync/snapshot.h"
#include "sync/text_merging.h"
#include "sync/tree_change.h"
#include "sync/unfinished_apply.h"

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

// A folder that is to go cannot, as long as copies of conflicts within it lie there: they are given
// up with it. Those that are whole folders would have to be looked through: refused, before
// anything is moved.
Result<void> put_inner_copies_away(const SyncContext& context, const ConflictRecord& record,
                                   const std::vector<Entry>& remote) {
  const Entry* const target = find_entry(remote, record.path);
  if (target != nullptr && target->kind == EntryKind::directory) return {};
  TRY_ASSIGN(const auto records, context.state.conflicts());
  std::vector<std::pair<const ConflictRecord*, NodeStatus>> copies;
  for (const ConflictRecord& inner : records) {
    if (inner.path == record.path || !is_within(inner.path, record.path)) continue;
    TRY_ASSIGN(const auto there, context.tree.inspect(inner.copy_path));
    if (!there) continue;
    if (there->kind == EntryKind::directory) {
      return Error(Code::refused,
                   fmt::format("{} holds another conflict, at {}", record.path, inner.path))
          .with_hint(fmt::format("Nothing was changed. Resolve that first, or move {} elsewhere.",
                                 inner.copy_path));
    }
    copies.emplace_back(&inner, *there);
  }
  for (const auto& [inner, there] : copies) {
    TRY(context.tree.remove(inner->copy_path, Expectation::node(there.stamp)));
    TRY(context.state.remove_conflict(inner->path));
  }
  return {};
}

Result<void> take_remote(const SyncContext& context, const Snapshot& snapshot,
                         const ConflictRecord& record, const std::vector<Entry>& remote,
                         std::stop_token stop) {
  TRY(put_inner_copies_away(context, record, remote));
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
  if (outcome.failure) return *outcome.failure;
  return require_unchanged(outcome.changed_meanwhile);
}

// Gives the conflict copy a name that is synced, and says which.
Result<std::string> keep_copy(const SyncContext& context, const ConflictRecord& record) {
  TRY_ASSIGN(const auto copy, context.tree.inspect(record.copy_path));
  if (!copy) {
    return Error(Code::not_found, fmt::format("{} is not there any more", record.copy_path))
        .with_hint("Run `mikura sync`: a conflict whose copy was deleted is resolved.");
  }
  const std::int64_t shown_ms =
      record.remote_created_ms != 0 ? record.remote_created_ms : record.since_unix_ms;
  const std::string time = local_minute_text(shown_ms * 1'000'000);
  const std::string parent(parent_path(record.path));
  const Expectation expected = copy->kind == EntryKind::directory ? Expectation::directory()
                                                                  : Expectation::node(copy->stamp);
  for (unsigned counter = 1;; ++counter) {
    const std::string name =
        kept_copy_name(file_name(record.path), record.remote_device, time, counter);
    const std::string path = parent.empty() ? name : parent + "/" + name;
    TRY_ASSIGN(const auto there, context.tree.inspect(path));
    if (there) continue;
    auto renamed = context.tree.rename(record.copy_path, name, expected);
    if (renamed) return path;
    if (!renamed.failed_with(Code::already_exists)) return std::move(renamed).error();
  }
}

// Writes the merged text. How many conflicts are marked in it.
Result<std::uint64_t> merge(const SyncContext& context, const Snapshot& snapshot,
                            const ConflictRecord& record, bool markers, std::stop_token stop) {
  const Entry* local = find_entry(snapshot.local.entries, record.path);
  const Entry* remote = find_entry(snapshot.base.entries, record.path);
  if (local == nullptr || remote == nullptr) {
    return Error(Code::unsupported,
                 fmt::format("{} cannot be merged: one side has nothing there", record.path))
        .with_hint("Nothing was changed. Choose a side.");
  }
  std::optional<Entry> base;
  if (record.base_version) {
    TRY_ASSIGN(base, entry_in_version(context, *record.base_version, record.path, stop));
  }
  const MergeSides sides{base ? &*base : nullptr, local, remote};
  const std::string_view device = record.remote_device;
  const MergeLabels labels{"local", "base", device.empty() ? "remote" : device};
  TRY_ASSIGN(MergedFile file, merge_file(context, sides, MarkerStyle::both, labels, stop));
  if (file.merged.conflicts > 0 && !markers) {
    return Error(Code::conflict,
                 fmt::format("{} cannot be merged: both sides changed the same lines, in {} places",
                             record.path, file.merged.conflicts))
        .with_hint(
            "Nothing was changed. Add --markers to have both written into the file, or "
            "choose a side.");
  }
  if (file.merged.conflicts > 0) {
    TRY_ASSIGN(file, merge_file(context, sides, MarkerStyle::with_base, labels, stop));
  }
  TRY_ASSIGN(const FileRecord placed,
             place_merged(context, file, record.path, expectation_of(snapshot.local, local)));
  TRY(context.state.remember_files({&placed, 1}));
  return file.merged.conflicts;
}

Result<void> require_not_held(const ResolveRequest& request, const ConflictRecord& record) {
  for (const std::string& held : request.hold) {
    const bool replaces =
        request.resolution == Resolution::take_remote || request.resolution == Resolution::merge;
    const bool local = replaces && is_within(held, record.path);
    if (!local && !is_within(held, record.copy_path)) continue;
    return Error(Code::refused, fmt::format("an editor holds unsaved text of {}", held))
        .with_hint("Nothing was changed. Save or close it there and try again.");
  }
  return {};
}

}  // namespace

Result<ResolveReport> resolve_conflict(const SyncContext& context, const WorkspaceLink& link,
                                       const ResolveRequest& request, std::stop_token stop) {
  TRY_ASSIGN(const ConflictRecord record, find_conflict(context, request.path));
  TRY(require_not_held(request, record));
  TRY(settle_unfinished_apply(context, link.use_gitignore, stop));
  ResolveReport report{record.path, request.resolution, {}};
  if (request.resolution == Resolution::keep_both) {
    TRY_ASSIGN(report.kept_as, keep_copy(context, record));
  } else {
    const std::set<std::string> none;
    // The base holds what the repository had at the last look: that is what was copied.
    TRY_ASSIGN(const Snapshot snapshot,
               take_snapshot(context, {false, true, link.use_gitignore, none}, stop));
    const std::vector<Entry> remote = entries_within(snapshot.base.entries, {record.path});
    if (request.resolution == Resolution::take_remote)
      TRY(take_remote(context, snapshot, record, remote, stop));
    if (request.resolution == Resolution::merge) {
      TRY_ASSIGN(report.markers, merge(context, snapshot, record, request.markers, stop));
    }
    if (report.markers == 0) TRY(put_copy_away(context, record, remote));
  }
  TRY(context.tree.flush());
  if (report.markers == 0) TRY(context.state.remove_conflict(record.path));
  report.backup_folder = context.tree.backup_folder();
  return report;
}

}  // namespace mikura

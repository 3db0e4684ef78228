#include "sync/restore.h"

#include <fmt/format.h>

#include <algorithm>

#include "format/path.h"
#include "sync/guard.h"
#include "sync/tree_change.h"
#include "sync/unfinished_apply.h"

namespace mikura {
namespace {

Result<void> require_known(const std::vector<std::string>& paths, const std::vector<Entry>& version,
                           const std::vector<Entry>& local) {
  for (const std::string& path : paths) {
    const auto holds = [&](const std::vector<Entry>& entries) {
      return std::any_of(entries.begin(), entries.end(),
                         [&](const Entry& entry) { return is_within(entry.path, path); });
    };
    if (holds(version) || holds(local)) continue;
    return Error(Code::not_found,
                 fmt::format("{} is neither in that version nor in the folder", path))
        .with_hint("`mikura show VERSION` lists the files of a version.");
  }
  return {};
}

std::vector<SyncAction> actions_of(const std::vector<ApplyStep>& steps) {
  std::vector<SyncAction> actions;
  for (const ApplyStep& step : steps) {
    SyncAction action;
    action.kind = SyncAction::Kind::download_new;
    if (step.op == LocalOp::replace) action.kind = SyncAction::Kind::download_changed;
    if (step.op == LocalOp::remove) action.kind = SyncAction::Kind::delete_local;
    action.path = step.path;
    if (step.target != nullptr) {
      action.entry_kind = step.target->kind;
      action.size_bytes = step.target->size_bytes;
    }
    actions.push_back(std::move(action));
  }
  return actions;
}

// As for a sync: most of the tree goes only after a second thought, for the backup has its limits.
Result<void> guard(const std::vector<ApplyStep>& steps, const std::vector<Entry>& local) {
  std::vector<SideChange> changes;
  for (const ApplyStep& step : steps)
    changes.push_back({find_entry(local, step.path), step.target});
  return refuse_mass_change(count_losses(changes), local, GuardedSide::folder, "--yes-mass-change");
}

Result<RestoreReport> carry_out(const SyncContext& context, const Index& version,
                                ApplyRequest request, bool dry_run, std::stop_token stop) {
  RestoreReport report;
  report.dry_run = dry_run;
  report.version = version.version;
  report.actions = actions_of(request.steps);
  if (dry_run || request.steps.empty()) return report;
  TRY_ASSIGN(const ApplyOutcome outcome, apply_steps(context, request, stop));
  TRY(context.state.remember_files(outcome.records));
  if (outcome.failure) return *outcome.failure;
  TRY(require_unchanged(outcome.changed_meanwhile));
  report.backup_folder = context.tree.backup_folder();
  report.downloaded_objects = context.counts.downloaded_objects;
  report.downloaded_bytes = context.counts.downloaded_bytes;
  return report;
}

}  // namespace

Result<RestoreReport> restore_workspace(const SyncContext& context, const Index& version,
                                        const RestoreRequest& request, const WorkspaceLink& link,
                                        std::stop_token stop) {
  TRY(settle_unfinished_apply(context, link.use_gitignore, stop));
  const std::vector<std::string>& paths = request.paths;
  const std::vector<Entry> target = entries_within(version.entries, paths);
  std::vector<std::string_view> versioned;
  for (const Entry& entry : version.entries)
    versioned.push_back(entry.path);
  TRY_ASSIGN(const auto known, context.state.file_records());
  TRY_ASSIGN(const ScannedTree local,
             context.tree.scan({known, versioned, link.use_gitignore, false, 0, {}}, stop));
  TRY(require_known(paths, version.entries, local.entries));

  const LocalContents contents(local.entries);
  ApplyRequest changes{steps_towards(local, target, paths, version.entries),
                       {},
                       target,
                       paths.empty() ? version.root_mtime_ns : 0,
                       {},
                       contents};
  std::vector<std::string> held = leave_held_alone(changes.steps, request.hold);
  if (!request.dry_run && !request.allow_mass_change) TRY(guard(changes.steps, local.entries));
  TRY_ASSIGN(RestoreReport report,
             carry_out(context, version, std::move(changes), request.dry_run, stop));
  report.held = std::move(held);
  return report;
}

Result<DiscardReport> discard_changes(const SyncContext& context, const DiscardRequest& request,
                                      const WorkspaceLink& link, std::stop_token stop) {
  const std::set<std::string> none;
  TRY_ASSIGN(const Snapshot snapshot,
             take_snapshot(context, {false, true, link.use_gitignore, none}, stop));
  const std::vector<Entry>& base = snapshot.base.entries;
  const std::vector<Entry> target = entries_within(base, request.paths);
  TRY(require_known(request.paths, base, snapshot.local.entries));
  const LocalContents contents(snapshot.local.entries);
  ApplyRequest changes{
      steps_towards(snapshot.local, target, request.paths, base), {}, target, 0, {}, contents};
  DiscardReport report;
  report.dry_run = request.dry_run;
  report.held = leave_held_alone(changes.steps, request.hold);
  if (!request.dry_run && !request.allow_mass_change)
    TRY(guard(changes.steps, snapshot.local.entries));
  TRY_ASSIGN(RestoreReport done,
             carry_out(context, snapshot.base, std::move(changes), request.dry_run, stop));
  report.actions = std::move(done.actions);
  report.backup_folder = std::move(done.backup_folder);
  return report;
}

Result<RestoreReport> restore_elsewhere(const SyncContext& context, const Index& version,
                                        const std::vector<std::string>& paths, bool dry_run,
                                        std::stop_token stop) {
  const std::vector<Entry> target = entries_within(version.entries, paths);
  TRY(require_known(paths, version.entries, {}));
  for (const Entry& entry : target) {
    TRY_ASSIGN(const auto there, context.tree.inspect(entry.path));
    if (!there || (there->kind == EntryKind::directory && entry.kind == EntryKind::directory))
      continue;
    return Error(Code::already_exists, fmt::format("{} is already there", entry.path))
        .with_hint("Nothing was written. Choose an empty folder.");
  }
  const LocalContents nothing({});
  ApplyRequest request{steps_towards({}, target, paths, version.entries), {}, target,
                       paths.empty() ? version.root_mtime_ns : 0,         {}, nothing};
  return carry_out(context, version, std::move(request), dry_run, stop);
}

}  // namespace mikura

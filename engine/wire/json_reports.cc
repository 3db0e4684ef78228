#include "wire/json_reports.h"

#include "crypto/uuid.h"

namespace mikura {
namespace {

template <class IdType>
Json uuid(const std::optional<IdType>& id) {
  return id ? Json(format_uuid(id->bytes())) : Json(nullptr);
}

std::string_view naming_name(NamingScheme naming) {
  return naming == NamingScheme::sha256 ? "sha256" : "hmac-sha256";
}

std::string_view state_name(DoctorCheck::State state) {
  switch (state) {
    case DoctorCheck::State::ok:
      return "ok";
    case DoctorCheck::State::warning:
      return "warning";
    case DoctorCheck::State::failed:
      return "failed";
    case DoctorCheck::State::skipped:
      return "skipped";
  }
  return "failed";
}

}  // namespace

std::string_view kind_name(EntryKind kind) {
  switch (kind) {
    case EntryKind::file:
      return "file";
    case EntryKind::directory:
      return "directory";
    case EntryKind::symlink:
      return "symlink";
  }
  return "file";
}

std::string_view action_name(SyncAction::Kind kind) {
  switch (kind) {
    case SyncAction::Kind::download_new:
      return "download_new";
    case SyncAction::Kind::download_changed:
      return "download_changed";
    case SyncAction::Kind::delete_local:
      return "delete_local";
    case SyncAction::Kind::metadata_local:
      return "metadata_local";
    case SyncAction::Kind::upload_new:
      return "upload_new";
    case SyncAction::Kind::upload_changed:
      return "upload_changed";
    case SyncAction::Kind::delete_remote:
      return "delete_remote";
    case SyncAction::Kind::conflict:
      return "conflict";
    case SyncAction::Kind::merge:
      return "merge";
  }
  return "conflict";
}

std::string_view problem_name(ScanProblem::Kind kind) {
  switch (kind) {
    case ScanProblem::Kind::unreadable:
      return "unreadable";
    case ScanProblem::Kind::unsupported_kind:
      return "unsupported_kind";
    case ScanProblem::Kind::bad_name:
      return "bad_name";
    case ScanProblem::Kind::not_portable:
      return "not_portable";
    case ScanProblem::Kind::unstable:
      return "unstable";
  }
  return "unreadable";
}

std::string_view resolution_name(Resolution resolution) {
  switch (resolution) {
    case Resolution::keep_local:
      return "keep_local";
    case Resolution::take_remote:
      return "take_remote";
    case Resolution::keep_both:
      return "keep_both";
    case Resolution::merge:
      return "merge";
  }
  return "keep_local";
}

std::string_view change_name(Change::Kind kind) {
  switch (kind) {
    case Change::Kind::added:
      return "added";
    case Change::Kind::removed:
      return "removed";
    case Change::Kind::modified:
      return "modified";
    case Change::Kind::mode_changed:
      return "mode_changed";
    case Change::Kind::kind_changed:
      return "kind_changed";
  }
  return "modified";
}

Json to_json(const SyncAction& action) {
  Json json = {{"action", action_name(action.kind)},
               {"path", action.path},
               {"kind", kind_name(action.entry_kind)},
               {"size", action.size_bytes}};
  if (!action.renamed_from.empty()) json["renamed_from"] = action.renamed_from;
  if (!action.conflict_copy.empty()) json["conflict_copy"] = action.conflict_copy;
  return json;
}

Json to_json(const ConflictInfo& conflict) {
  return {{"path", conflict.path},
          {"copy", conflict.copy_path},
          {"since_ms", conflict.since_unix_ms},
          {"remote_version", format_uuid(conflict.remote_version.bytes())},
          {"remote_kind", kind_name(conflict.remote_kind)},
          {"base_version", uuid(conflict.base_version)},
          {"remote_device", conflict.remote_device},
          {"remote_created_ms", conflict.remote_created_ms}};
}

Json to_json(const ScanProblem& problem) {
  return {
      {"problem", problem_name(problem.kind)}, {"path", problem.path}, {"reason", problem.reason}};
}

Json to_json(const SyncReport& report) {
  return {{"dry_run", report.dry_run},
          {"published", uuid(report.published)},
          {"version", uuid(report.version)},
          {"generation", report.generation},
          {"actions", to_json_list(report.actions)},
          {"conflicts", to_json_list(report.conflicts)},
          {"problems", to_json_list(report.problems)},
          {"backup_folder", report.backup_folder},
          {"uploaded_objects", report.uploaded_objects},
          {"uploaded_bytes", report.uploaded_bytes},
          {"downloaded_objects", report.downloaded_objects},
          {"downloaded_bytes", report.downloaded_bytes},
          {"publish_attempts", report.publish_attempts},
          {"remote_has_more", report.remote_has_more},
          {"held", report.held}};
}

Json to_json(const StatusReport& report) {
  return {{"folder", report.folder},
          {"store", report.store},
          {"repository", format_uuid(report.repository.bytes())},
          {"base", uuid(report.base)},
          {"base_generation", report.base_generation},
          {"latest", uuid(report.latest)},
          {"latest_generation", report.latest_generation},
          {"remote_checked", report.remote_checked},
          {"remote_problem", report.remote_problem},
          {"local", to_json_list(report.local)},
          {"incoming", to_json_list(report.incoming)},
          {"conflicts", to_json_list(report.conflicts)},
          {"problems", to_json_list(report.problems)},
          {"scanned",
           {{"files", report.scanned.files},
            {"directories", report.scanned.directories},
            {"symlinks", report.scanned.symlinks},
            {"ignored", report.scanned.ignored},
            {"hashed_files", report.scanned.hashed_files},
            {"hashed_bytes", report.scanned.hashed_bytes}}},
          {"watcher", report.watcher ? to_json(*report.watcher) : Json(nullptr)}};
}

Json to_json(const VersionInfo& info) {
  return {{"version", format_uuid(info.version.bytes())},
          {"generation", info.generation},
          {"parent", uuid(info.parent)},
          {"created_ms", info.created_unix_ms},
          {"author", info.author},
          {"device", info.device_name},
          {"message", info.message},
          {"files", info.files},
          {"total_bytes", info.total_bytes},
          {"added", info.added},
          {"modified", info.modified},
          {"removed", info.removed}};
}

Json to_json(const Entry& entry) {
  Json json = {{"path", entry.path},
               {"kind", kind_name(entry.kind)},
               {"mode", entry.mode},
               {"size", entry.size_bytes},
               {"mtime_ns", entry.mtime_ns}};
  if (entry.kind == EntryKind::file) json["sha256"] = entry.sha256.hex();
  if (entry.kind == EntryKind::symlink) json["target"] = entry.target;
  return json;
}

Json to_json(const DiffEntry& entry) {
  Json json = {{"change", change_name(entry.kind)}, {"path", entry.path()}};
  if (!entry.renamed_from.empty()) json["renamed_from"] = entry.renamed_from;
  json["before"] = entry.before ? to_json(*entry.before) : Json(nullptr);
  json["after"] = entry.after ? to_json(*entry.after) : Json(nullptr);
  return json;
}

Json to_json(const RestoreReport& report) {
  return {{"dry_run", report.dry_run},
          {"version", format_uuid(report.version.bytes())},
          {"actions", to_json_list(report.actions)},
          {"backup_folder", report.backup_folder},
          {"downloaded_objects", report.downloaded_objects},
          {"downloaded_bytes", report.downloaded_bytes},
          {"held", report.held}};
}

Json to_json(const DiscardReport& report) {
  return {{"dry_run", report.dry_run},
          {"actions", to_json_list(report.actions)},
          {"backup_folder", report.backup_folder},
          {"held", report.held}};
}

Json to_json(const ResolveReport& report) {
  return {{"path", report.path},
          {"resolution", resolution_name(report.resolution)},
          {"backup_folder", report.backup_folder},
          {"kept_as", report.kept_as},
          {"markers", report.markers}};
}

Json to_json(const WorkspaceSettings& settings) {
  return {{"root", settings.root},
          {"store", settings.store},
          {"repository", format_uuid(settings.repository.bytes())},
          {"policy", policy_name(settings.policy)},
          {"use_gitignore", settings.use_gitignore}};
}

Json to_json(const WatcherInfo& watcher) {
  const auto text = [](const std::string& value) {
    return value.empty() ? Json(nullptr) : Json(value);
  };
  return {{"pid", watcher.pid},
          {"program", watcher.program},
          {"since_ms", watcher.since_ms},
          {"activity", watcher.activity},
          {"last_sync_ms", watcher.last_sync_ms == 0 ? Json(nullptr) : Json(watcher.last_sync_ms)},
          {"generation", watcher.generation},
          {"problem_code", text(watcher.problem_code)},
          {"problem", text(watcher.problem)},
          {"degraded", text(watcher.degraded)}};
}

Json to_json(const WatchState& state) {
  const AutoSyncState& sync = state.sync;
  const auto time = [](const std::optional<std::int64_t>& ms) {
    return ms ? Json(*ms) : Json(nullptr);
  };
  Json json = {{"activity", activity_name(sync.activity)},
               {"next_ms", time(sync.next_ms)},
               {"paused_until_ms", time(sync.paused_until_ms)},
               {"last_sync", nullptr},
               {"problem", nullptr}};
  if (sync.last_sync) {
    json["last_sync"] = {{"at_ms", sync.last_sync->at_ms},
                         {"published", uuid(sync.last_sync->published)},
                         {"generation", sync.last_sync->generation},
                         {"uploaded_bytes", sync.last_sync->uploaded_bytes},
                         {"downloaded_bytes", sync.last_sync->downloaded_bytes}};
  }
  if (sync.problem) {
    json["problem"] = {{"code", code_name(sync.problem->code)},
                       {"message", sync.problem->message},
                       {"hint", sync.problem->hint},
                       {"retryable", sync.problem->retryable}};
  }
  json["watching"] = {{"on_change", state.on_change},
                      {"degraded", state.degraded.empty() ? Json(nullptr) : Json(state.degraded)}};
  return json;
}

Json to_json(const DoctorCheck& check) {
  return {{"check", check.name},
          {"state", state_name(check.state)},
          {"text", check.text},
          {"hint", check.hint}};
}

Json to_json(const InitReport& report) {
  return {{"repository", format_uuid(report.repository.bytes())},
          {"store", report.store},
          {"object_names", naming_name(report.naming)},
          {"conditional_create", report.capabilities.conditional_create},
          {"conditional_swap", report.capabilities.conditional_swap},
          {"conditional_delete", report.capabilities.conditional_delete}};
}

Json to_json(const FolderInfo& info) {
  return {{"linked", true},
          {"root", info.root},
          {"store", info.store},
          {"repository", format_uuid(info.repository.bytes())},
          {"policy", info.policy},
          {"use_gitignore", info.use_gitignore},
          {"single_writer", info.single_writer}};
}

Json to_json(const StoreInspection& inspection) {
  if (!inspection.exists) return {{"exists", false}};
  return {{"exists", true},
          {"repository", format_uuid(inspection.repository.bytes())},
          {"accepts_key_file", inspection.accepts_key_file},
          {"accepts_passphrase", inspection.accepts_passphrase},
          {"object_names", naming_name(inspection.naming)}};
}

Json to_json(const KeyCheck& check) {
  return {{"repository", format_uuid(check.repository.bytes())}, {"slot", check.slot}};
}

Json to_json(const Error& error) {
  return {{"code", code_name(error.code())}, {"message", error.message()}, {"hint", error.hint()}};
}

}  // namespace mikura

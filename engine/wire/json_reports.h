// Reports as JSON: the stable, documented shapes of --json and of `mikura serve`
// (docs/commands.md, docs/protocol.md). Pure.
#pragma once

#include <string_view>

#include "session/inspection.h"
#include "session/types.h"
#include "session/watch.h"
#include "wire/json.h"

namespace mikura {

Json to_json(const SyncAction& action);
Json to_json(const ConflictInfo& conflict);
Json to_json(const ScanProblem& problem);
Json to_json(const SyncReport& report);
Json to_json(const StatusReport& report);
Json to_json(const VersionInfo& info);
Json to_json(const Entry& entry);
Json to_json(const DiffEntry& entry);
Json to_json(const RestoreReport& report);
Json to_json(const DiscardReport& report);
Json to_json(const ResolveReport& report);
Json to_json(const WorkspaceSettings& settings);
Json to_json(const WatcherInfo& watcher);
// The body of folder/state (docs/protocol.md), without folder and revision.
Json to_json(const WatchState& state);
Json to_json(const DoctorCheck& check);
Json to_json(const InitReport& report);
Json to_json(const FolderInfo& info);
Json to_json(const StoreInspection& inspection);
Json to_json(const KeyCheck& check);
// code, message, hint.
Json to_json(const Error& error);

template <class Items>
Json to_json_list(const Items& items) {
  Json list = Json::array();
  for (const auto& item : items)
    list.push_back(to_json(item));
  return list;
}

std::string_view action_name(SyncAction::Kind kind);
std::string_view problem_name(ScanProblem::Kind kind);
std::string_view kind_name(EntryKind kind);
std::string_view change_name(Change::Kind kind);
std::string_view resolution_name(Resolution resolution);

}  // namespace mikura

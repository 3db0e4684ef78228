#include "sync/actions.h"

#include <algorithm>
#include <unordered_map>

namespace mikura {
namespace {

SyncAction action(SyncAction::Kind kind, const std::string& path, const Entry* entry) {
  SyncAction out;
  out.kind = kind;
  out.path = path;
  if (entry != nullptr) {
    out.entry_kind = entry->kind;
    out.size_bytes = entry->size_bytes;
  }
  return out;
}

// Contents that leave one path, so that their arrival at another is shown as a rename.
using Leaving = std::unordered_map<Sha256Digest, const std::string*>;

void note_leaving(Leaving& leaving, const Entry* entry, const std::string& path) {
  if (entry != nullptr && entry->kind == EntryKind::file && entry->size_bytes > 0)
    leaving.emplace(entry->sha256, &path);
}

void name_origin(const Leaving& leaving, const Entry* entry, SyncAction& arriving) {
  if (entry == nullptr || entry->kind != EntryKind::file) return;
  const auto from = leaving.find(entry->sha256);
  if (from != leaving.end()) arriving.renamed_from = *from->second;
}

}  // namespace

std::vector<SyncAction> local_actions(const Plan& plan) {
  Leaving leaving;
  for (const PlanItem& item : plan.items) {
    if (item.local_op == LocalOp::remove) note_leaving(leaving, item.local, item.path);
  }
  std::vector<SyncAction> actions;
  for (const PlanItem& item : plan.items) {
    if (item.conflict) {
      actions.push_back(action(SyncAction::Kind::conflict, item.path, item.remote));
      continue;
    }
    switch (item.local_op) {
      case LocalOp::none:
        break;
      case LocalOp::create:
        actions.push_back(action(SyncAction::Kind::download_new, item.path, item.remote));
        name_origin(leaving, item.remote, actions.back());
        break;
      case LocalOp::replace:
        actions.push_back(action(SyncAction::Kind::download_changed, item.path, item.remote));
        break;
      case LocalOp::remove:
        actions.push_back(action(SyncAction::Kind::delete_local, item.path, item.local));
        break;
      case LocalOp::set_metadata:
        actions.push_back(action(SyncAction::Kind::metadata_local, item.path, item.remote));
        break;
    }
  }
  return actions;
}

std::vector<SyncAction> remote_actions(const Plan& plan) {
  Leaving leaving;
  for (const PlanItem& item : plan.items) {
    if (item.remote_op == RemoteOp::remove) note_leaving(leaving, item.remote, item.path);
  }
  std::vector<SyncAction> actions;
  for (const PlanItem& item : plan.items) {
    switch (item.remote_op) {
      case RemoteOp::none:
        break;
      case RemoteOp::add:
        actions.push_back(action(SyncAction::Kind::upload_new, item.path, item.local));
        name_origin(leaving, item.local, actions.back());
        break;
      case RemoteOp::replace:
        actions.push_back(action(SyncAction::Kind::upload_changed, item.path, item.local));
        break;
      case RemoteOp::remove:
        actions.push_back(action(SyncAction::Kind::delete_remote, item.path, item.remote));
        break;
    }
  }
  return actions;
}

SyncAction merge_action(const Plan& plan, const std::string& path) {
  const auto item = std::ranges::find(plan.items, path, &PlanItem::path);
  return action(SyncAction::Kind::merge, path, item == plan.items.end() ? nullptr : item->remote);
}

ConflictInfo to_info(const ConflictRecord& record) {
  return {record.path,        record.copy_path,    record.since_unix_ms, record.remote_version,
          record.remote_kind, record.base_version, record.remote_device, record.remote_created_ms};
}

}  // namespace mikura

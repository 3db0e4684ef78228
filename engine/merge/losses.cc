#include "merge/losses.h"

#include <algorithm>
#include <unordered_map>

namespace mikura {
namespace {

constexpr std::uint64_t kMassChangeFloor = 20;

bool is_file(const Entry* entry) {
  return entry != nullptr && entry->kind == EntryKind::file;
}

bool is_leaf(const Entry* entry) {
  return entry != nullptr && entry->kind != EntryKind::directory;
}

}  // namespace

FileLosses count_losses(const std::vector<SideChange>& changes) {
  std::unordered_map<Sha256Digest, std::uint64_t> arriving;
  for (const SideChange& change : changes) {
    if (is_file(change.after)) ++arriving[change.after->sha256];
  }
  FileLosses losses;
  for (const SideChange& change : changes) {
    if (!is_leaf(change.before)) continue;
    if (is_file(change.before)) {
      const auto elsewhere = arriving.find(change.before->sha256);
      if (elsewhere != arriving.end() && elsewhere->second > 0) {
        --elsewhere->second;
        continue;
      }
    }
    ++(change.after == nullptr ? losses.removed : losses.replaced);
  }
  return losses;
}

FileLosses local_losses(const Plan& plan) {
  std::vector<SideChange> changes;
  for (const PlanItem& item : plan.items) {
    if (item.local_op == LocalOp::create || item.local_op == LocalOp::replace ||
        item.local_op == LocalOp::remove)
      changes.push_back({item.local, item.remote});
  }
  return count_losses(changes);
}

FileLosses remote_losses(const Plan& plan) {
  std::vector<SideChange> changes;
  for (const PlanItem& item : plan.items) {
    if (item.remote_op != RemoteOp::none) changes.push_back({item.remote, item.local});
  }
  return count_losses(changes);
}

bool is_mass_change(std::uint64_t lost_files, const std::vector<Entry>& entries) {
  if (lost_files <= kMassChangeFloor) return false;
  const auto files = std::count_if(entries.begin(), entries.end(),
                                   [](const Entry& entry) { return is_leaf(&entry); });
  return lost_files * 2 > static_cast<std::uint64_t>(files);
}

}  // namespace mikura

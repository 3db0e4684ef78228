#include "sync/auto_merge.h"

#include <fmt/format.h>

#include "base/log.h"
#include "crypto/hash.h"
#include "sync/apply.h"

namespace mikura {

Result<std::vector<std::string>> AutoMerge::run(const Snapshot& snapshot, const Plan& plan,
                                                bool apply, std::stop_token stop) {
  std::vector<std::string> paths;
  std::vector<const PlanItem*> merged;
  for (const PlanItem& item : plan.items) {
    if (!item.mergeable) continue;
    TRY(check_stop(stop));
    TRY_ASSIGN(const bool is_clean, merge_one(snapshot, item, apply, stop));
    if (!is_clean) continue;
    paths.push_back(item.path);
    merged.push_back(&item);
  }
  if (!apply || merged.empty()) return paths;
  TRY(context_.tree.flush());
  TRY(advance_base(snapshot, merged));
  return paths;
}

// False: it stays a conflict.
Result<bool> AutoMerge::merge_one(const Snapshot& snapshot, const PlanItem& item, bool apply,
                                  std::stop_token stop) {
  const MergeSides sides{item.base, item.local, item.remote};
  auto file = merge_file(context_, sides, MarkerStyle::both, {}, std::move(stop));
  if (file.failed_with(Code::unsupported) || file.failed_with(Code::conflict)) {
    log_debug(file.error().message());
    return false;
  }
  if (!file) return std::move(file).error();
  if (file->merged.conflicts != 0) return false;
  if (!apply) return true;
  // From then on the base there is the remote's, whether this run lives to say so or not.
  const Head& head = snapshot.head->head;
  TRY(context_.state.announce_apply({{head.version, head.index_sha256, head.generation},
                                     {{item.path, sha256(as_bytes(file->merged.text))}}}));
  auto placed =
      place_merged(context_, *file, item.path, expectation_of(snapshot.local, item.local));
  if (placed.failed_with(Code::conflict)) return false;  // edited meanwhile: the next look decides
  if (!placed) return std::move(placed).error();
  records_.push_back(*std::move(placed));
  log_info(fmt::format("merged {}", item.path));
  return true;
}

Result<void> AutoMerge::advance_base(const Snapshot& snapshot,
                                     const std::vector<const PlanItem*>& merged) {
  BaseRecord next{*snapshot.base_version, snapshot.base_exceptions};
  for (const PlanItem* item : merged) {
    std::erase_if(next.exceptions,
                  [&](const BaseException& other) { return other.path == item->path; });
    next.exceptions.push_back({item->path, *item->remote, snapshot.head->head.version});
  }
  return context_.state.commit_base(next, records_);
}

}  // namespace mikura

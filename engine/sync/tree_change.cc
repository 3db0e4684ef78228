#include "sync/tree_change.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "format/path.h"
#include "merge/plan.h"

namespace mikura {
namespace {

bool is_selected(const std::string& path, const std::vector<std::string>& paths) {
  return paths.empty() || std::any_of(paths.begin(), paths.end(), [&](const std::string& selected) {
           return is_within(path, selected);
         });
}

LocalOp op_of(const Change& change) {
  if (change.before == nullptr) return LocalOp::create;
  return change.after == nullptr ? LocalOp::remove : LocalOp::replace;
}

}  // namespace

std::vector<Entry> entries_within(const std::vector<Entry>& entries,
                                  const std::vector<std::string>& paths) {
  std::vector<Entry> selected;
  for (const Entry& entry : entries) {
    if (is_selected(entry.path, paths)) selected.push_back(entry);
  }
  return selected;
}

std::vector<ApplyStep> steps_towards(const ScannedTree& local, const std::vector<Entry>& target,
                                     const std::vector<std::string>& paths,
                                     const std::vector<Entry>& all_target) {
  const std::vector<Entry> before = entries_within(local.entries, paths);
  std::map<std::string, ApplyStep> steps;
  for (const Change& change : compare_trees(before, target)) {
    const Entry* scanned =
        change.before == nullptr ? nullptr : find_entry(local.entries, change.before->path);
    // `target` outlives the steps; `before` does not.
    steps[change.path()] = {op_of(change), change.path(), change.after,
                            expectation_of(local, scanned)};
    if (change.after == nullptr) continue;
    for (std::string_view parent = parent_path(change.path()); !parent.empty();
         parent = parent_path(parent)) {
      if (steps.contains(std::string(parent))) break;
      const Entry* there = find_entry(local.entries, parent);
      if (there != nullptr && there->kind == EntryKind::directory) break;
      const Entry* wanted = find_entry(all_target, parent);
      if (wanted == nullptr) break;
      const LocalOp op = there == nullptr ? LocalOp::create : LocalOp::replace;
      steps[std::string(parent)] = {op, std::string(parent), wanted, expectation_of(local, there)};
    }
  }
  std::vector<ApplyStep> ordered;
  ordered.reserve(steps.size());
  for (auto& [path, step] : steps)
    ordered.push_back(std::move(step));
  return ordered;
}

std::vector<std::string> leave_held_alone(std::vector<ApplyStep>& steps,
                                          const std::vector<std::string>& hold) {
  std::vector<std::string> held;
  for (const std::string& path : hold) {
    const std::size_t gone = std::erase_if(steps, [&](const ApplyStep& step) {
      const bool loses_folder =
          step.expected.kind == Expectation::Kind::directory &&
          (step.target == nullptr || step.target->kind != EntryKind::directory);
      return is_within(step.path, path) || (loses_folder && is_within(path, step.path));
    });
    if (gone > 0) held.push_back(path);
  }
  return held;
}

Result<void> require_unchanged(const std::vector<std::string>& changed_meanwhile) {
  if (changed_meanwhile.empty()) return {};
  return Error(Code::conflict,
               fmt::format(
                   "{} changed while it was to be replaced, so it was left alone ({} such files)",
                   changed_meanwhile.front(), changed_meanwhile.size()))
      .with_hint("Nothing is lost. Run the command again.");
}

}  // namespace mikura

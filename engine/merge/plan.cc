#include "merge/plan.h"

#include <algorithm>

#include "base/check.h"
#include "format/path.h"
#include "merge/rows.h"

namespace mikura {
namespace {

bool same(const Entry* a, const Entry* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return same_content(*a, *b);
}

bool is_file(const Entry* entry) {
  return entry != nullptr && entry->kind == EntryKind::file;
}

bool is_directory(const Entry* entry) {
  return entry != nullptr && entry->kind == EntryKind::directory;
}

// An addition or an edit: something that the base does not have. A deletion is not news.
bool has_news(const Entry* base, const Entry* side) {
  return side != nullptr && !same(base, side);
}

// Whether a is the newer one. Equal times are settled by content, so that all clients agree (O1).
bool wins(const Entry& a, const Entry& b) {
  if (a.mtime_ns != b.mtime_ns) return a.mtime_ns > b.mtime_ns;
  if (a.sha256 != b.sha256) return a.sha256 > b.sha256;
  if (a.target != b.target) return a.target > b.target;
  return a.mode > b.mode;
}

bool any_beneath(const std::set<std::string>& paths, const std::string& folder) {
  const auto first = paths.lower_bound(folder + '/');
  return first != paths.end() && first->size() > folder.size() && first->starts_with(folder) &&
         (*first)[folder.size()] == '/';
}

class Planner {
 public:
  explicit Planner(const PlanInput& input)
      : input_(input), rows_(join_rows(input.base, input.local, input.remote)) {}

  Plan run() {
    leave_unreadable_alone();
    leave_conflicts_alone();
    find_kind_conflicts();
    for (Row& row : rows_)
      decide(row);
    keep_needed_directories();
    hold_back_held();
    return collect();
  }

 private:
  using Side = const Entry* Row::*;

  struct Subtree {
    Row* top = nullptr;  // the row of the path itself, if there is one
    RowRange beneath;
  };

  Subtree subtree(const std::string& path) {
    const std::size_t at = row_position(rows_, path);
    Row* const top = at < rows_.size() && *rows_[at].path == path ? &rows_[at] : nullptr;
    return {top, rows_beneath(rows_, path, at)};
  }

  template <class Predicate>
  bool any_of(const Subtree& subtree, Predicate predicate) const {
    if (subtree.top != nullptr && predicate(*subtree.top)) return true;
    const auto at = [&](std::size_t i) { return rows_.begin() + static_cast<std::ptrdiff_t>(i); };
    return std::any_of(at(subtree.beneath.begin), at(subtree.beneath.end), predicate);
  }

  bool differ(const Subtree& subtree, Side a, Side b) const {
    return any_of(subtree, [&](const Row& row) { return !same(row.*a, row.*b); });
  }

  template <class Action>
  void for_each(const Subtree& subtree, Action action) {
    if (subtree.top != nullptr) action(*subtree.top);
    for (std::size_t i = subtree.beneath.begin; i < subtree.beneath.end; ++i)
      action(rows_[i]);
  }

  void cover(const Subtree& subtree) {
    for_each(subtree, [](Row& row) { row.covered = true; });
  }

  void put_in_conflict(const Subtree& subtree) {
    subtree.top->conflict = true;
    for_each(subtree, [](Row& row) { row.in_new_conflict = true; });
  }

  void leave_unreadable_alone() {
    for (const std::string& path : input_.unreadable) {
      const Subtree unread = subtree(path);
      cover(unread);
      if (differ(unread, &Row::base, &Row::remote)) held_back_.push_back(path);
      for_each(unread, [](Row& row) { row.keeps_base = true; });
    }
  }

  // What an editor holds unsaved text of stays on disk as it is, and so do the folders it lies in.
  void hold_back_held() {
    for (const std::string& path : input_.held) {
      bool holds = false;
      for_each(subtree(path), [&](Row& row) { holds |= hold(row); });
      for (std::string_view above = parent_path(path); !above.empty(); above = parent_path(above)) {
        const std::size_t at = row_position(rows_, above);
        if (at == rows_.size() || *rows_[at].path != above) continue;
        if (loses_folder(rows_[at])) holds |= hold(rows_[at]);
      }
      if (holds) held_.push_back(path);
    }
  }

  static bool loses_folder(const Row& row) {
    return is_directory(row.local) &&
           (row.local_op == LocalOp::remove ||
            (row.local_op == LocalOp::replace && !is_directory(row.remote)));
  }

  static bool hold(Row& row) {
    if (row.local_op == LocalOp::none && !row.mergeable) return false;
    // What would be merged waits, too.
    if (row.mergeable) row.conflict = row.in_new_conflict = row.mergeable = false;
    row.local_op = LocalOp::none;
    row.result = row.remote;
    row.keeps_base = true;
    return true;
  }

  bool has_local_folder(std::string_view path) const {
    const std::string_view parent = parent_path(path);
    if (parent.empty()) return true;
    const std::size_t at = row_position(rows_, parent);
    return at < rows_.size() && *rows_[at].path == parent && is_directory(rows_[at].local);
  }

  // An unresolved conflict stays one; if the repository has moved on, its new content is shown too.
  void leave_conflicts_alone() {
    for (const std::string& path : input_.in_conflict) {
      // Whoever removed the folder removed the copy in it as well: nothing is left to resolve.
      if (!has_local_folder(path)) continue;
      const Subtree disputed = subtree(path);
      const bool is_within_another = disputed.top == nullptr || disputed.top->covered;
      cover(disputed);
      if (is_within_another || disputed.top->remote == nullptr) continue;
      if (differ(disputed, &Row::base, &Row::remote) && differ(disputed, &Row::local, &Row::remote))
        put_in_conflict(disputed);
    }
  }

  // What is left alone must not disappear under the other side's file, so it counts as news too.
  bool has_news_or_is_disputed(const Subtree& subtree, Side side) const {
    return any_of(subtree, [&](const Row& row) {
      return has_news(row.base, row.*side) || (row.covered && row.*side != nullptr);
    });
  }

  // A folder on one side, a file or symlink on the other, and news on both: only one can have the
  // name.
  void find_kind_conflicts() {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      Row& row = rows_[i];
      if (row.covered || row.local == nullptr || row.remote == nullptr) continue;
      if (is_directory(row.local) == is_directory(row.remote)) continue;
      const Subtree whole{&row, rows_beneath(rows_, *row.path, i)};
      const bool local_news =
          has_news_or_is_disputed(whole, &Row::local) || any_beneath(input_.unreadable, *row.path);
      if (!local_news || !has_news_or_is_disputed(whole, &Row::remote)) continue;
      cover(whole);
      put_in_conflict(whole);
    }
  }

  // The table of docs/sync.md, one path at a time. What lies above and beneath is settled before
  // and after.
  void decide(Row& row) const {
    row.result = row.remote;
    if (row.covered) return;
    if (same(row.local, row.remote)) return decide_times(row);
    if (same(row.base, row.local)) return take_remote(row);
    if (same(row.base, row.remote)) return take_local(row);
    // Both sides changed, and differently. An edit wins over a deletion.
    if (row.local == nullptr) return take_remote(row);
    if (row.remote == nullptr) return take_local(row);
    if (is_directory(row.local) && is_directory(row.remote)) return take_remote(row);
    // A folder against a file, both new, is a conflict that covers this row.
    CHECK(!is_directory(row.local) && !is_directory(row.remote));
    if (input_.policy != Policy::last_write_wins) {
      row.conflict = true;
      row.in_new_conflict = true;
      row.mergeable = input_.policy == Policy::merge && is_file(row.base) && is_file(row.local) &&
                      is_file(row.remote);
    } else if (wins(*row.local, *row.remote)) {
      take_local(row);
    } else {
      take_remote(row);
    }
  }

  static void take_remote(Row& row) {
    row.result = row.remote;
    if (row.remote == nullptr) {
      row.local_op = LocalOp::remove;
    } else {
      row.local_op = row.local == nullptr ? LocalOp::create : LocalOp::replace;
    }
  }

  static void take_local(Row& row) {
    row.result = row.local;
    if (row.local == nullptr) {
      row.remote_op = RemoteOp::remove;
    } else {
      row.remote_op = row.remote == nullptr ? RemoteOp::add : RemoteOp::replace;
    }
  }

  // Same content: only the modification times may differ.
  static void decide_times(Row& row) {
    if (row.local == nullptr || row.base == nullptr) return;
    if (row.local->mtime_ns == row.remote->mtime_ns) return;
    const bool local_touched = row.local->mtime_ns != row.base->mtime_ns;
    const bool remote_touched = row.remote->mtime_ns != row.base->mtime_ns;
    if (is_directory(row.local)) {
      // Whoever applies sets the times of the folders it has worked in, from the result.
      row.takes_local_time = local_touched;
    } else if (!remote_touched) {
      row.takes_local_time = true;
    } else if (!local_touched) {
      row.local_op = LocalOp::set_metadata;
    }
  }

  // Removed on one side, and gone from the other too unless something beneath it stays.
  static bool is_doomed_directory(const Row& row) {
    return !row.covered && row.result == nullptr &&
           (is_directory(row.local) || is_directory(row.remote));
  }

  // A folder stays, on both sides, as long as anything stays beneath it on either.
  void keep_needed_directories() {
    if (std::none_of(rows_.begin(), rows_.end(), is_doomed_directory)) return;
    // staying[i]: how many of the first i rows stay. A folder that is kept adds nothing: what it is
    // kept for lies beneath the folders above it, too.
    std::vector<std::size_t> staying(rows_.size() + 1);
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const Row& row = rows_[i];
      const bool stays = row.result != nullptr || (row.covered && row.local != nullptr);
      staying[i + 1] = staying[i] + (stays ? 1 : 0);
    }
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      Row& row = rows_[i];
      if (!is_doomed_directory(row)) continue;
      const RowRange beneath = rows_beneath(rows_, *row.path, i);
      if (staying[beneath.end] > staying[beneath.begin] ||
          any_beneath(input_.unreadable, *row.path)) {
        keep_directory(row);
      }
    }
  }

  static void keep_directory(Row& row) {
    row.result = row.local != nullptr ? row.local : row.remote;
    row.local_op = row.local == nullptr ? LocalOp::create : LocalOp::none;
    row.remote_op = row.remote == nullptr ? RemoteOp::add : RemoteOp::none;
  }

  Plan collect() {
    Plan plan;
    plan.held_back = std::move(held_back_);
    plan.held = std::move(held_);
    plan.result.reserve(rows_.size());
    for (const Row& row : rows_) {
      if (differs_from_base(row)) {
        if (row.keeps_base)
          plan.keeps_base.push_back({*row.path, row.base});
        else if (row.local_op != LocalOp::none || row.in_new_conflict || needs_remote_time(row))
          plan.unapplied.push_back({*row.path, row.base});
      }
      if (row.result != nullptr) {
        plan.result.push_back(*row.result);
        if (row.takes_local_time) plan.result.back().mtime_ns = row.local->mtime_ns;
      }
      if (row.local_op == LocalOp::none && row.remote_op == RemoteOp::none && !row.conflict)
        continue;
      count(row, plan.counts);
      plan.items.push_back({*row.path, row.local_op, row.remote_op, row.conflict, row.mergeable,
                            row.base, row.local, row.remote});
    }
    return plan;
  }

  static bool differs_from_base(const Row& row) {
    if (row.base == nullptr || row.result == nullptr) return row.base != row.result;
    return *row.base != *row.result;
  }

  // A folder that gets the remote's time when the plan is applied.
  static bool needs_remote_time(const Row& row) {
    return is_directory(row.local) && is_directory(row.remote) && !row.takes_local_time &&
           row.local->mtime_ns != row.remote->mtime_ns;
  }

  static void count(const Row& row, PlanCounts& counts) {
    if (row.conflict) ++counts.conflicts;
    switch (row.local_op) {
      case LocalOp::none:
        break;
      case LocalOp::create:
        ++counts.local_creates;
        break;
      case LocalOp::replace:
        ++counts.local_replaces;
        break;
      case LocalOp::remove:
        ++counts.local_removes;
        break;
      case LocalOp::set_metadata:
        ++counts.local_metadata;
        break;
    }
    switch (row.remote_op) {
      case RemoteOp::none:
        break;
      case RemoteOp::add:
        ++counts.remote_adds;
        break;
      case RemoteOp::replace:
        ++counts.remote_replaces;
        break;
      case RemoteOp::remove:
        ++counts.remote_removes;
        break;
    }
  }

  const PlanInput& input_;
  std::vector<Row> rows_;
  std::vector<std::string> held_back_;
  std::vector<std::string> held_;
};

}  // namespace

std::string_view policy_name(Policy policy) {
  switch (policy) {
    case Policy::keep_both:
      return "keepBoth";
    case Policy::last_write_wins:
      return "lastWriteWins";
    case Policy::merge:
      return "merge";
  }
  return "keepBoth";
}

std::optional<Policy> policy_named(std::string_view name) {
  for (const Policy policy : {Policy::keep_both, Policy::last_write_wins, Policy::merge}) {
    if (name == policy_name(policy)) return policy;
  }
  return std::nullopt;
}

bool Plan::changes_local() const {
  return counts.conflicts + counts.local_creates + counts.local_replaces + counts.local_removes +
             counts.local_metadata >
         0;
}

bool Plan::changes_remote() const {
  return counts.remote_adds + counts.remote_replaces + counts.remote_removes > 0;
}

Plan make_plan(const PlanInput& input) {
  return Planner(input).run();
}

}  // namespace mikura

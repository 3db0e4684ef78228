#include "merge/plan.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "base/check.h"
#include "format/path.h"

namespace mikura {
namespace {

constexpr std::uint64_t kMassChangeFloor = 20;

// One path on all three sides, and what is decided for it.
struct Row {
  const std::string* path = nullptr;
  const Entry* base = nullptr;
  const Entry* local = nullptr;
  const Entry* remote = nullptr;

  LocalOp local_op = LocalOp::none;
  RemoteOp remote_op = RemoteOp::none;
  bool covered = false;    // beneath (or at) a path that is left alone
  bool conflict = false;
  const Entry* result = nullptr;  // what the published version holds
  bool takes_local_time = false;  // result, with the local modification time
};

bool same(const Entry* a, const Entry* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return same_content(*a, *b);
}

bool is_directory(const Entry* entry) { return entry != nullptr && entry->kind == EntryKind::directory; }

// Something here that the base does not have: an addition or an edit, but not a deletion.
bool has_news(const Entry* base, const Entry* side) { return side != nullptr && !same(base, side); }

std::vector<Row> join(const std::vector<Entry>& base, const std::vector<Entry>& local, const std::vector<Entry>& remote) {
  std::vector<Row> rows;
  rows.reserve(std::max({base.size(), local.size(), remote.size()}));
  std::size_t b = 0;
  std::size_t l = 0;
  std::size_t r = 0;
  while (b < base.size() || l < local.size() || r < remote.size()) {
    const std::string* least = nullptr;
    const auto consider = [&](const std::vector<Entry>& side, std::size_t at) {
      if (at < side.size() && (least == nullptr || side[at].path < *least)) least = &side[at].path;
    };
    consider(base, b);
    consider(local, l);
    consider(remote, r);
    Row row;
    row.path = least;
    if (b < base.size() && base[b].path == *least) row.base = &base[b++];
    if (l < local.size() && local[l].path == *least) row.local = &local[l++];
    if (r < remote.size() && remote[r].path == *least) row.remote = &remote[r++];
    rows.push_back(row);
  }
  return rows;
}

// a is the newer by the clock; equal times are settled by content, so that all clients agree (O1).
bool wins(const Entry& a, const Entry& b) {
  if (a.mtime_ns != b.mtime_ns) return a.mtime_ns > b.mtime_ns;
  if (a.sha256 != b.sha256) return a.sha256 > b.sha256;
  if (a.target != b.target) return a.target > b.target;
  return a.mode > b.mode;
}

class Planner {
 public:
  explicit Planner(const PlanInput& input) : input_(input), rows_(join(input.base, input.local, input.remote)) {}

  Plan run() {
    leave_alone(input_.unreadable);
    leave_conflicts_alone();
    find_kind_conflicts();
    for (Row& row : rows_) decide(row);
    keep_needed_directories();
    return collect();
  }

 private:
  using Range = std::pair<std::size_t, std::size_t>;

  std::size_t position(std::string_view path) const {
    const auto at = std::lower_bound(rows_.begin(), rows_.end(), path, [](const Row& row, std::string_view p) { return *row.path < p; });
    return static_cast<std::size_t>(at - rows_.begin());
  }

  // The rows strictly beneath `path`: strings with one prefix lie together.
  Range beneath(const std::string& path) const {
    if (path.empty()) return {0, rows_.size()};
    std::string after = path + "/";
    const std::size_t begin = position(after);
    after.back() = '/' + 1;
    return {begin, position(after)};
  }

  Row* row_at(std::string_view path) {
    const std::size_t at = position(path);
    return at < rows_.size() && *rows_[at].path == path ? &rows_[at] : nullptr;
  }

  void cover(const std::string& path) {
    if (Row* row = row_at(path)) row->covered = true;
    const auto [begin, end] = beneath(path);
    for (std::size_t i = begin; i < end; ++i) rows_[i].covered = true;
  }

  void leave_alone(const std::set<std::string>& paths) {
    for (const std::string& path : paths) cover(path);
  }

  bool subtree_same(const std::string& path, const Entry* Row::*a, const Entry* Row::*b) const {
    const auto [begin, end] = beneath(path);
    return std::all_of(rows_.begin() + static_cast<std::ptrdiff_t>(begin), rows_.begin() + static_cast<std::ptrdiff_t>(end),
                       [&](const Row& row) { return same(row.*a, row.*b); });
  }

  // An unresolved conflict stays one; if the repository has moved on, its new content is shown too.
  void leave_conflicts_alone() {
    for (const std::string& path : input_.in_conflict) {
      Row* const row = row_at(path);
      const bool was_covered = row != nullptr && row->covered;
      cover(path);
      if (row == nullptr || was_covered || row->remote == nullptr) continue;
      const bool moved = !same(row->base, row->remote) || !subtree_same(path, &Row::base, &Row::remote);
      const bool agrees = same(row->local, row->remote) && subtree_same(path, &Row::local, &Row::remote);
      if (moved && !agrees) row->conflict = true;
    }
  }

  bool subtree_has_news(const Row& top, const Entry* Row::*side) const {
    if (has_news(top.base, top.*side)) return true;
    const auto [begin, end] = beneath(*top.path);
    return std::any_of(rows_.begin() + static_cast<std::ptrdiff_t>(begin), rows_.begin() + static_cast<std::ptrdiff_t>(end),
                       [&](const Row& row) { return has_news(row.base, row.*side); });
  }

  // A folder on one side, a file or symlink on the other, and something new on both: only one of them can have the name.
  void find_kind_conflicts() {
    for (Row& row : rows_) {
      if (row.covered || row.local == nullptr || row.remote == nullptr) continue;
      if (is_directory(row.local) == is_directory(row.remote)) continue;
      if (!subtree_has_news(row, &Row::local) || !subtree_has_news(row, &Row::remote)) continue;
      const std::string path = *row.path;
      cover(path);
      row.conflict = true;
    }
  }

  void take_remote(Row& row) {
    row.result = row.remote;
    if (row.remote == nullptr) row.local_op = LocalOp::remove;
    else row.local_op = row.local == nullptr ? LocalOp::create : LocalOp::replace;
  }

  void take_local(Row& row) {
    row.result = row.local;
    if (row.local == nullptr) row.remote_op = RemoteOp::remove;
    else row.remote_op = row.remote == nullptr ? RemoteOp::add : RemoteOp::replace;
  }

  // docs/sync.md, "The table".
  void decide(Row& row) {
    row.result = row.remote;
    if (row.covered) return;
    if (same(row.local, row.remote)) return decide_times(row);
    const bool local_changed = !same(row.base, row.local);
    const bool remote_changed = !same(row.base, row.remote);
    if (!local_changed) return take_remote(row);
    if (!remote_changed) return take_local(row);
    // Both changed, differently. A deletion never wins over an edit.
    if (row.local == nullptr) return take_remote(row);
    if (row.remote == nullptr) return take_local(row);
    if (is_directory(row.local) && is_directory(row.remote)) return take_remote(row);
    if (is_directory(row.local) != is_directory(row.remote)) {
      // Not a conflict (find_kind_conflicts), so one side only lost something here.
      return has_news(row.base, row.local) ? take_local(row) : take_remote(row);
    }
    if (input_.policy == Policy::last_write_wins) return wins(*row.local, *row.remote) ? take_local(row) : take_remote(row);
    row.conflict = true;
  }

  static void decide_times(Row& row) {
    if (row.local == nullptr || row.base == nullptr || row.local->mtime_ns == row.remote->mtime_ns) return;
    const bool local_touched = row.local->mtime_ns != row.base->mtime_ns;
    const bool remote_touched = row.remote->mtime_ns != row.base->mtime_ns;
    row.takes_local_time = local_touched && !remote_touched;
    if (!local_touched && remote_touched && row.local->kind != EntryKind::directory) row.local_op = LocalOp::set_metadata;
  }

  bool stays_locally(const Row& row) const {
    if (row.covered) return row.local != nullptr;
    return row.local_op == LocalOp::create || (row.local != nullptr && row.local_op != LocalOp::remove);
  }

  // Deepest first: a folder stays on a side as long as anything beneath it does.
  void keep_needed_directories() {
    std::unordered_set<std::string_view> needed_in_result;
    std::unordered_set<std::string_view> needed_locally;
    for (auto row = rows_.rbegin(); row != rows_.rend(); ++row) {
      const std::string_view path = *row->path;
      if (!row->covered && row->result == nullptr && needed_in_result.contains(path)) keep_directory(*row);
      if (!row->covered && row->local_op == LocalOp::remove && needed_locally.contains(path)) row->local_op = LocalOp::none;
      const std::string_view parent = parent_path(path);
      if (parent.empty()) continue;
      if (row->result != nullptr) needed_in_result.insert(parent);
      if (stays_locally(*row)) needed_locally.insert(parent);
    }
  }

  static void keep_directory(Row& row) {
    row.result = row.local != nullptr ? row.local : row.remote;
    // What lies beneath is on one of the sides, and so is its folder.
    CHECK(is_directory(row.result));
    row.local_op = row.local == nullptr ? LocalOp::create : LocalOp::none;
    row.remote_op = row.remote == nullptr ? RemoteOp::add : RemoteOp::none;
  }

  Plan collect() {
    Plan plan;
    plan.result.reserve(rows_.size());
    for (const Row& row : rows_) {
      if (row.result != nullptr) {
        plan.result.push_back(*row.result);
        if (row.takes_local_time) plan.result.back().mtime_ns = row.local->mtime_ns;
      }
      if (row.local_op == LocalOp::none && row.remote_op == RemoteOp::none && !row.conflict) continue;
      count(row, plan.counts);
      plan.items.push_back({*row.path, row.local_op, row.remote_op, row.conflict, row.base, row.local, row.remote});
    }
    return plan;
  }

  static void count(const Row& row, PlanCounts& counts) {
    if (row.conflict) ++counts.conflicts;
    switch (row.local_op) {
      case LocalOp::none: break;
      case LocalOp::create: ++counts.local_creates; break;
      case LocalOp::replace: ++counts.local_replaces; break;
      case LocalOp::remove: ++counts.local_removes; break;
      case LocalOp::set_metadata: ++counts.local_metadata; break;
    }
    switch (row.remote_op) {
      case RemoteOp::none: break;
      case RemoteOp::add: ++counts.remote_adds; break;
      case RemoteOp::replace: ++counts.remote_replaces; break;
      case RemoteOp::remove: ++counts.remote_removes; break;
    }
  }

  const PlanInput& input_;
  std::vector<Row> rows_;
};

std::uint64_t count_files(const std::vector<Entry>& entries) {
  return static_cast<std::uint64_t>(
      std::count_if(entries.begin(), entries.end(), [](const Entry& entry) { return entry.kind != EntryKind::directory; }));
}

bool is_mass(std::uint64_t changed, std::uint64_t all) { return changed > kMassChangeFloor && changed * 2 > all; }

Change::Kind kind_of(const Entry& before, const Entry& after) {
  if (before.kind != after.kind) return Change::Kind::kind_changed;
  return before.sha256 == after.sha256 && before.target == after.target ? Change::Kind::mode_changed : Change::Kind::modified;
}

}  // namespace

bool Plan::changes_local() const {
  return counts.conflicts + counts.local_creates + counts.local_replaces + counts.local_removes + counts.local_metadata > 0;
}

bool Plan::changes_remote() const { return counts.remote_adds + counts.remote_replaces + counts.remote_removes > 0; }

Plan make_plan(const PlanInput& input) { return Planner(input).run(); }

bool is_mass_change_local(const Plan& plan, const std::vector<Entry>& local) {
  std::uint64_t changed = 0;
  for (const PlanItem& item : plan.items) {
    const bool loses = item.local_op == LocalOp::remove || item.local_op == LocalOp::replace;
    if (loses && !is_directory(item.local)) ++changed;
  }
  return is_mass(changed, count_files(local));
}

bool is_mass_change_remote(const Plan& plan, const std::vector<Entry>& remote) {
  std::uint64_t changed = 0;
  for (const PlanItem& item : plan.items) {
    const bool loses = item.remote_op == RemoteOp::remove || item.remote_op == RemoteOp::replace;
    if (loses && !is_directory(item.remote)) ++changed;
  }
  return is_mass(changed, count_files(remote));
}

std::vector<Change> compare_trees(const std::vector<Entry>& before, const std::vector<Entry>& after) {
  std::vector<Change> changes;
  auto b = before.begin();
  auto a = after.begin();
  while (b != before.end() || a != after.end()) {
    if (a == after.end() || (b != before.end() && b->path < a->path)) {
      changes.push_back({Change::Kind::removed, &*b++, nullptr});
    } else if (b == before.end() || a->path < b->path) {
      changes.push_back({Change::Kind::added, nullptr, &*a++});
    } else {
      if (!same_content(*b, *a)) changes.push_back({kind_of(*b, *a), &*b, &*a});
      ++b;
      ++a;
    }
  }
  return changes;
}

std::vector<Rename> find_renames(const std::vector<Change>& changes) {
  std::unordered_multimap<Sha256Digest, const Entry*> removed;
  for (const Change& change : changes) {
    if (change.kind != Change::Kind::removed || change.before->kind != EntryKind::file || change.before->size_bytes == 0) continue;
    removed.emplace(change.before->sha256, change.before);
  }
  std::vector<Rename> renames;
  for (const Change& change : changes) {
    if (change.kind != Change::Kind::added || change.after->kind != EntryKind::file) continue;
    const auto from = removed.find(change.after->sha256);
    if (from == removed.end()) continue;
    renames.push_back({from->second, change.after});
    removed.erase(from);
  }
  return renames;
}

}  // namespace mikura

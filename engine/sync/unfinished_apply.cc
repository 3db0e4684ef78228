#include "sync/unfinished_apply.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string_view>

#include "base/log.h"
#include "format/path.h"
#include "merge/rows.h"
#include "sync/base.h"
#include "sync/snapshot.h"
#include "sync/versions.h"

namespace mikura {
namespace {

bool same(const Entry* a, const Entry* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return same_content(*a, *b);
}

bool equal(const Entry* a, const Entry* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return *a == *b;
}

bool is_directory(const Entry* entry) {
  return entry != nullptr && entry->kind == EntryKind::directory;
}

bool is_covered(std::string_view path, const std::set<std::string>& tops) {
  if (tops.empty()) return false;
  for (; !path.empty(); path = parent_path(path)) {
    if (tops.contains(std::string(path))) return true;
  }
  return false;
}

// Puts the base together, path by path, and counts what it would take to say it in either way.
class Recognition {
 public:
  Recognition(const KnownBase& base, const UnfinishedApply& apply) : base_(base), apply_(apply) {
    for (const ApplyRecord::Merge& merge : apply.record.merges)
      merges_.emplace(merge.path, merge.sha256);
  }

  std::optional<KnownBase> run(const ScannedTree& local, const std::set<std::string>& unreadable,
                               const std::vector<ConflictRecord>& conflicts) {
    std::set<std::string> disputed;
    for (const ConflictRecord& conflict : conflicts) {
      // Its copy is that version's content: what the apply does about a conflict, it has done.
      if (conflict.copied && conflict.remote_version == apply_.record.version.version)
        disputed.insert(conflict.path);
    }
    known_.tree.entries.reserve(std::max(base_.tree.entries.size(), apply_.tree.entries.size()));
    for (const Row& row : join_rows(base_.tree.entries, local.entries, apply_.tree.entries)) {
      const bool is_settled = equal(row.base, row.remote) || is_covered(*row.path, unreadable);
      const bool is_brought = !is_settled && (brought(row) || is_covered(*row.path, disputed));
      take(row, is_brought);
    }
    take_root_time(local);
    if (!brought_any_) return std::nullopt;
    choose_version();
    return std::move(known_);
  }

 private:
  bool brought(const Row& row) const {
    // A folder that was just made may not have its permission bits yet.
    if (is_directory(row.local) && is_directory(row.remote) && !is_directory(row.base)) return true;
    if (same(row.local, row.remote)) {
      return !same(row.local, row.base) || row.local == nullptr ||
             row.local->mtime_ns == row.remote->mtime_ns;
    }
    const auto merge = merges_.find(*row.path);
    return merge != merges_.end() && row.local != nullptr && row.local->kind == EntryKind::file &&
           row.local->sha256 == merge->second;
  }

  void take(const Row& row, bool is_brought) {
    const Entry* const entry = is_brought ? row.remote : row.base;
    if (entry != nullptr) known_.tree.entries.push_back(*entry);
    if (is_brought) {
      brought_any_ = true;
      from_old_.push_back(exception(*row.path, entry, apply_.record.version.version));
    } else if (!equal(row.base, row.remote)) {
      from_new_.push_back(exception(
          *row.path, entry, origin_of(*row.path, base_.tree, base_.version, base_.exceptions)));
    }
  }

  void take_root_time(const ScannedTree& local) {
    const std::int64_t before = base_.tree.root_mtime_ns;
    const std::int64_t after = apply_.tree.root_mtime_ns;
    known_.tree.root_mtime_ns = before;
    if (!base_.version || before == after) return;
    Entry root;
    root.kind = EntryKind::directory;
    if (local.root_mtime_ns == after) {
      known_.tree.root_mtime_ns = root.mtime_ns = after;
      from_old_.insert(from_old_.begin(), {"", root, std::nullopt});
    } else {
      root.mtime_ns = before;
      from_new_.insert(from_new_.begin(), {"", root, std::nullopt});
    }
  }

  static BaseException exception(const std::string& path, const Entry* entry,
                                 const std::optional<VersionId>& version) {
    if (entry == nullptr) return {path, std::nullopt, std::nullopt};
    return {path, *entry, version};
  }

  void choose_version() {
    std::vector<BaseException> kept;
    kept.reserve(base_.exceptions.size() + from_old_.size());
    const auto less = [](const BaseException& a, const BaseException& b) {
      return a.path < b.path;
    };
    // Of two for one path the first counts.
    std::set_union(from_old_.begin(), from_old_.end(), base_.exceptions.begin(),
                   base_.exceptions.end(), std::back_inserter(kept), less);
    if (base_.version && kept.size() <= from_new_.size()) {
      known_.version = base_.version;
      known_.exceptions = std::move(kept);
    } else {
      known_.version = apply_.record.version;
      known_.exceptions = std::move(from_new_);
    }
  }

  const KnownBase& base_;
  const UnfinishedApply& apply_;
  std::map<std::string, Sha256Digest, std::less<>> merges_;
  KnownBase known_;
  // The exceptions, if the version stays the old one: beyond those there are. And if it becomes the
  // apply's.
  std::vector<BaseException> from_old_;
  std::vector<BaseException> from_new_;
  bool brought_any_ = false;
};

}  // namespace

Result<std::optional<UnfinishedApply>> find_unfinished_apply(const SyncContext& context,
                                                             std::stop_token stop) {
  TRY_ASSIGN(auto record, context.state.announced_apply());
  if (!record) return std::optional<UnfinishedApply>();
  auto tree =
      load_index(context, record->version.version, record->version.index_sha256, std::move(stop));
  if (tree.failed_with(Code::not_found) || tree.failed_with(Code::invalid) ||
      tree.failed_with(Code::corrupt)) {
    log_info("an apply was cut off, and its version is not to be had any more");
    return std::optional<UnfinishedApply>();
  }
  if (!tree) return std::move(tree).error();
  return std::optional(UnfinishedApply{*std::move(record), *std::move(tree)});
}

Result<void> settle_unfinished_apply(const SyncContext& context, bool use_gitignore,
                                     std::stop_token stop) {
  TRY_ASSIGN(const auto unfinished, context.state.announced_apply());
  if (!unfinished) return {};
  const std::set<std::string> none;
  auto settled = take_snapshot(context, {false, false, use_gitignore, none}, std::move(stop));
  if (!settled) return std::move(settled).error();
  return {};
}

std::optional<KnownBase> with_applied(const KnownBase& base, const UnfinishedApply& apply,
                                      const ScannedTree& local,
                                      const std::set<std::string>& unreadable,
                                      const std::vector<ConflictRecord>& conflicts) {
  return Recognition(base, apply).run(local, unreadable, conflicts);
}

}  // namespace mikura

#include "sync/snapshot.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "sync/base.h"
#include "sync/unfinished_apply.h"

namespace mikura {
namespace {

// What the runs before left unsaid about the base.
struct CutOff {
  bool publish = false;  // a publish that succeeded; the snapshot's base is what it leads to
  std::optional<UnfinishedApply> apply;
};

// A publish whose run was cut off is noticed here.
Result<void> load_base(const SyncContext& context, bool read_only, Snapshot& snapshot,
                       CutOff& cut_off, std::stop_token stop) {
  if (snapshot.head) {
    const Head& head = snapshot.head->head;
    TRY_ASSIGN(auto unnoticed, find_unnoticed_publish(context, head, stop));
    if (unnoticed) {
      log_info("an earlier run was cut off after it had published");
      cut_off.publish = true;
      snapshot.base_version = unnoticed->version;
      snapshot.base_exceptions = std::move(unnoticed->exceptions);
      return {};
    }
    if (!read_only) TRY(context.state.forget_publishes(head.generation));
  }
  TRY_ASSIGN(snapshot.base_version, context.state.base());
  TRY_ASSIGN(snapshot.base_exceptions, context.state.base_exceptions());
  return {};
}

// Fills base and remote.
Result<CutOff> load_versions(const SyncContext& context, const SnapshotOptions& options,
                             Snapshot& snapshot, std::stop_token stop) {
  if (options.ask_repository) {
    TRY_ASSIGN(snapshot.head, read_current_head(context, stop));
  }
  CutOff cut_off;
  TRY(load_base(context, options.read_only, snapshot, cut_off, stop));
  TRY_ASSIGN(cut_off.apply, find_unfinished_apply(context, stop));
  Version base;
  if (snapshot.base_version) {
    TRY_ASSIGN(base, load_version(context, snapshot.base_version->version,
                                  snapshot.base_version->index_sha256, stop));
  }
  Version remote;
  if (snapshot.remote_is_base()) {
    remote = base;
  } else if (snapshot.head && snapshot.head->head.generation != 0) {
    const Head& head = snapshot.head->head;
    TRY_ASSIGN(remote, load_version(context, head.version, head.index_sha256, stop));
  }
  snapshot.remote = std::move(remote.index);
  snapshot.remote_segments = std::move(remote.segments);
  snapshot.base = with_exceptions(std::move(base.index), snapshot.base_exceptions);
  return cut_off;
}

// The base with what the runs before did and could not say any more; kept, unless nothing is.
Result<void> settle_base(const SyncContext& context, bool read_only, const CutOff& cut_off,
                         Snapshot& snapshot) {
  bool moves = cut_off.publish;
  if (cut_off.apply) {
    TRY_ASSIGN(const auto conflicts, context.state.conflicts());
    KnownBase base{snapshot.base_version, std::move(snapshot.base_exceptions),
                   std::move(snapshot.base)};
    auto settled =
        with_applied(base, *cut_off.apply, snapshot.local, snapshot.unreadable, conflicts);
    if (settled) {
      log_info("an earlier run was cut off while it changed the folder");
      moves = true;
      base = *std::move(settled);
    }
    snapshot.base_version = base.version;
    snapshot.base_exceptions = std::move(base.exceptions);
    snapshot.base = std::move(base.tree);
  }
  if (!moves || read_only) return {};
  // What the base says is there must survive a power cut as surely as the base.
  TRY(context.tree.flush());
  return context.state.commit_base({*snapshot.base_version, snapshot.base_exceptions}, {});
}

// `paths` (ascending, unique) and those of the entries.
std::vector<std::string_view> with_paths_of(const std::vector<std::string_view>& paths,
                                            const std::vector<Entry>& entries) {
  std::vector<std::string_view> all;
  all.reserve(std::max(paths.size(), entries.size()));
  auto left = paths.begin();
  auto right = entries.begin();
  while (left != paths.end() || right != entries.end()) {
    if (right == entries.end() || (left != paths.end() && *left < right->path)) {
      all.push_back(*left++);
    } else {
      if (left != paths.end() && *left == right->path) ++left;
      all.push_back((right++)->path);
    }
  }
  return all;
}

Result<ScannedTree> scan(const SyncContext& context, const Snapshot& snapshot,
                         const CutOff& cut_off, bool use_gitignore, std::stop_token stop) {
  TRY_ASSIGN(const auto known, context.state.file_records());
  auto versioned = with_paths_of(with_paths_of({}, snapshot.base.entries), snapshot.remote.entries);
  if (cut_off.apply) versioned = with_paths_of(versioned, cut_off.apply->tree.entries);
  ScanRequest request{known, versioned, use_gitignore, false, 0, {}};
  if (context.progress) {
    request.progress = [&](std::uint64_t entries, std::uint64_t bytes) {
      context.progress({Progress::Phase::scanning, entries, 0, bytes, 0});
    };
  }
  TRY_ASSIGN(ScannedTree tree, context.tree.scan(request, stop));
  if (!tree.records.empty()) TRY(context.state.remember_files(tree.records));
  // Records of files that are gone are dead weight, not a danger: dropped when there are many.
  if (known.size() > tree.counts.files + 1000) {
    std::vector<std::string_view> keep;
    keep.reserve(tree.entries.size());
    for (const Entry& entry : tree.entries)
      keep.push_back(entry.path);
    TRY(context.state.forget_files_except(keep));
  }
  return tree;
}

void collect_unreadable(Snapshot& snapshot, const std::set<std::string>& unstable) {
  snapshot.unreadable = unstable;
  for (const ScanProblem& problem : snapshot.local.problems) {
    switch (problem.kind) {
      case ScanProblem::Kind::unreadable:
      case ScanProblem::Kind::unstable:
      case ScanProblem::Kind::unsupported_kind:
        snapshot.unreadable.insert(problem.path);
        break;
      case ScanProblem::Kind::bad_name:
      case ScanProblem::Kind::not_portable:
        break;
    }
  }
}

// The user resolved it by deleting the copy, or by making the file equal to what the repository
// has.
Result<bool> is_resolved(const SyncContext& context, const Snapshot& snapshot,
                         const ConflictRecord& record) {
  TRY_ASSIGN(const auto copy, context.tree.inspect(record.copy_path));
  if (!copy) return true;
  const Entry* local = find_entry(snapshot.local.entries, record.path);
  const Entry* remote = find_entry(snapshot.remote.entries, record.path);
  return local != nullptr && remote != nullptr && local->kind != EntryKind::directory &&
         same_content(*local, *remote);
}

Result<void> settle_conflicts(const SyncContext& context, Snapshot& snapshot, bool read_only) {
  TRY_ASSIGN(auto records, context.state.conflicts());
  for (ConflictRecord& record : records) {
    if (!record.copied) {
      snapshot.announced.push_back(std::move(record));
      continue;
    }
    TRY_ASSIGN(const bool resolved, is_resolved(context, snapshot, record));
    if (resolved) {
      log_info(fmt::format("conflict at {} was resolved by hand", record.path));
      if (!read_only) TRY(context.state.remove_conflict(record.path));
      continue;
    }
    snapshot.in_conflict.insert(record.path);
    snapshot.conflicts.push_back(std::move(record));
  }
  return {};
}

}  // namespace

Result<OpenedHead> read_current_head(const SyncContext& context, std::stop_token stop) {
  TRY_ASSIGN(auto cached, context.state.cached_object(kHeadName));
  std::optional<OpenedHead> known;
  if (cached) {
    auto opened = context.vault->open_cached_head(std::move(cached->data), std::move(cached->etag));
    if (opened) known = *std::move(opened);
  }
  TRY_ASSIGN(OpenedHead head, context.vault->read_head(known ? &*known : nullptr, stop));
  if (!known || known->etag != head.etag) {
    TRY(context.state.cache_object(kHeadName, {head.object, head.etag}));
  }
  return head;
}

Result<Snapshot> take_snapshot(const SyncContext& context, const SnapshotOptions& options,
                               std::stop_token stop) {
  Snapshot snapshot;
  TRY_ASSIGN(const CutOff cut_off, load_versions(context, options, snapshot, stop));
  TRY_ASSIGN(snapshot.local, scan(context, snapshot, cut_off, options.use_gitignore, stop));
  collect_unreadable(snapshot, options.unstable);
  TRY(settle_base(context, options.read_only, cut_off, snapshot));
  if (!options.ask_repository) snapshot.remote = snapshot.base;
  TRY(settle_conflicts(context, snapshot, options.read_only));
  return snapshot;
}

}  // namespace mikura

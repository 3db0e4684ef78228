#include "sync/snapshot.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "sync/base.h"

namespace mikura {
namespace {

// A publish whose run was cut off is noticed here.
Result<void> load_base(const SyncContext& context, bool read_only, Snapshot& snapshot,
                       std::stop_token stop) {
  if (snapshot.head) {
    const Head& head = snapshot.head->head;
    TRY_ASSIGN(auto unnoticed, find_unnoticed_publish(context, head, stop));
    if (unnoticed) {
      log_info("an earlier run was cut off after it had published");
      if (!read_only) TRY(context.state.commit_base(*unnoticed, {}));
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
Result<void> load_versions(const SyncContext& context, const SnapshotOptions& options,
                           Snapshot& snapshot, std::stop_token stop) {
  if (options.ask_repository) {
    TRY_ASSIGN(snapshot.head, read_current_head(context, stop));
  }
  TRY(load_base(context, options.read_only, snapshot, stop));
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
  if (!options.ask_repository) snapshot.remote = snapshot.base;
  return {};
}

// The union of the paths of two sorted lists.
std::vector<std::string_view> versioned_paths(const std::vector<Entry>& a,
                                              const std::vector<Entry>& b) {
  std::vector<std::string_view> paths;
  paths.reserve(std::max(a.size(), b.size()));
  auto left = a.begin();
  auto right = b.begin();
  while (left != a.end() || right != b.end()) {
    if (right == b.end() || (left != a.end() && left->path < right->path)) {
      paths.push_back((left++)->path);
    } else {
      if (left != a.end() && left->path == right->path) ++left;
      paths.push_back((right++)->path);
    }
  }
  return paths;
}

Result<ScannedTree> scan(const SyncContext& context, const Snapshot& snapshot, bool use_gitignore,
                         std::stop_token stop) {
  TRY_ASSIGN(const auto known, context.state.file_records());
  const auto versioned = versioned_paths(snapshot.base.entries, snapshot.remote.entries);
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
  TRY(load_versions(context, options, snapshot, stop));
  TRY_ASSIGN(snapshot.local, scan(context, snapshot, options.use_gitignore, stop));
  collect_unreadable(snapshot, options.unstable);
  TRY(settle_conflicts(context, snapshot, options.read_only));
  return snapshot;
}

}  // namespace mikura

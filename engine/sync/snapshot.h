// Snapshot: the three trees that a plan is made from, and what is known about conflicts, gathered
// at one moment.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "merge/plan.h"
#include "sync/context.h"
#include "sync/versions.h"

namespace mikura {

// HEAD, verified: one conditional request; kept in the cache for the next time.
Result<OpenedHead> read_current_head(const SyncContext& context, std::stop_token stop);

struct Snapshot {
  std::optional<BaseVersion> base_version;
  std::vector<BaseException> base_exceptions;
  Index base;                      // complete, exceptions included; empty if there is no base
  std::optional<OpenedHead> head;  // nullopt if the repository was not asked
  Index remote;  // == base if the repository was not asked; empty if it has no version yet
  std::vector<SegmentRef> remote_segments;  // as the repository has the remote's entries
  ScannedTree local;
  std::vector<ConflictRecord> conflicts;  // unresolved, copies in place
  std::vector<ConflictRecord> announced;  // of a killed run: the copy may or may not be there
  std::set<std::string> in_conflict;
  std::set<std::string> unreadable;

  // What the plan needs. The snapshot must outlive the plan.
  PlanInput plan_input(Policy policy, std::set<std::string> held = {}) const {
    return {base.entries, local.entries, remote.entries, in_conflict,
            unreadable,   policy,        std::move(held)};
  }

  // The repository has moved no further than the base version (which may have exceptions).
  bool remote_is_base() const {
    return head && base_version && head->head.version == base_version->version &&
           head->head.index_sha256 == base_version->index_sha256;
  }
};

struct SnapshotOptions {
  bool ask_repository = true;
  bool read_only = false;  // settle nothing: a dry run or a status, perhaps without the lock
  bool use_gitignore = true;
  const std::set<std::string>& unstable;  // paths left alone because they keep changing
};

// Reads HEAD (one conditional request), the indexes (cached), scans the tree, and settles conflicts
// that the user resolved by hand (by deleting the copy, or by making the file what the repository
// has).
Result<Snapshot> take_snapshot(const SyncContext& context, const SnapshotOptions& options,
                               std::stop_token stop);

}  // namespace mikura

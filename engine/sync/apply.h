// Making the working tree what a plan says, so that nothing is lost and a kill at any moment is
// repaired by planning again.
//
// Order (docs/sync.md, "Apply"): 1. all contents are staged and verified, the tree untouched; 2.
// what is brought is announced, conflict copies are placed and made durable;
// 3. removals (into the backup); 4. directories; 5. files and symlinks; 6. metadata and directory
// times; 7. flush.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "merge/plan.h"
#include "sync/context.h"
#include "sync/download.h"

namespace mikura {

struct ApplyStep {
  LocalOp op = LocalOp::none;
  std::string path;
  const Entry* target = nullptr;  // what the path becomes; nullptr for remove
  Expectation expected;           // what is there now
};

// What a step expects at a path that the scan saw so. `entry` is one of local.entries, or nullptr.
Expectation expectation_of(const ScannedTree& local, const Entry* entry);

// The remote side of a conflict, to be placed beside the local one.
struct ConflictCopy {
  ConflictRecord record;  // copy_path says where
  std::vector<const Entry*>
      entries;  // the remote entry at record.path and, if a directory, all beneath it; ascending
};

struct ApplyRequest {
  std::vector<ApplyStep> steps;  // ascending by path
  std::vector<ConflictCopy> copies;
  const std::vector<Entry>&
      after;  // the tree the steps lead to: gives the times of the directories touched
  std::int64_t root_mtime_ns = 0;  // 0: leave it
  // Folders whose time is to be set although nothing changes in them; "" is the root.
  std::vector<std::string> folders;
  const LocalContents& local;
  // The version that is brought, if the base becomes it: announced before anything is placed.
  std::optional<BaseVersion> brings = {};
};

struct ApplyOutcome {
  std::vector<FileRecord> records;             // of files placed
  std::vector<std::string> changed_meanwhile;  // left alone: no longer what the plan saw
  // It could not go on: why, and the steps that are not known to have been carried out. The others
  // were, and are durable.
  std::optional<Error> failure;
  std::vector<std::string> not_done;
};

// An error means that nothing in the tree was changed but for conflict copies.
Result<ApplyOutcome> apply_steps(const SyncContext& context, const ApplyRequest& request,
                                 std::stop_token stop);

}  // namespace mikura

// Sync: snapshot, plan, apply, publish; again until nothing is left to do or somebody has to decide
// (docs/sync.md).
//
// Never loses anything: the base version is advanced only after the tree has been made equal to it;
// a lost race or a file that changed under us means planning again from a fresh look. A kill at any
// moment is repaired by the next run, which does the same.
#pragma once

#include <stop_token>
#include <string>

#include "sync/context.h"
#include "sync/report.h"

namespace mikura {

// Who publishes.
struct Author {
  DeviceId device;
  std::string device_name;
  std::string author;
  std::string program;
};

// The caller holds the workspace lock.
Result<SyncReport> run_sync(const SyncContext& context, const SyncRequest& request,
                            const WorkspaceLink& link, const Author& author, std::stop_token stop);

// What a push would upload and a pull would bring, changing nothing. With context.vault == nullptr:
// local changes only.
struct Preview {
  std::vector<SyncAction> local;
  std::vector<SyncAction> incoming;
  std::vector<ConflictInfo> conflicts;
  std::vector<ScanProblem> problems;
  ScanCounts scanned;
  std::vector<std::string> folders;  // of the scan, "" first
  std::optional<BaseVersion> base;
  std::optional<OpenedHead> head;
};
Result<Preview> preview_sync(const SyncContext& context, const WorkspaceLink& link,
                             std::stop_token stop);

Policy policy_of(const WorkspaceLink& link);

}  // namespace mikura

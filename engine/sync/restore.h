// Restore (M4.4): the tree, or parts of it, as they were in a version. What it replaces goes to the
// backup folder; the base stays, so that the next sync publishes the restored state as a new
// version and history only ever grows.
#pragma once

#include "sync/context.h"
#include "sync/report.h"

namespace mikura {

// Into the workspace. The caller holds the workspace lock. Code::not_found if a path is neither in
// the version nor in the tree; Code::refused, before anything is written, if most of the tree would
// be lost and that was not confirmed. `request.version` and `to_folder` are the caller's matter.
Result<RestoreReport> restore_workspace(const SyncContext& context, const Index& version,
                                        const RestoreRequest& request, const WorkspaceLink& link,
                                        std::stop_token stop);

// Brings paths back to the base, and what is new there to the backup. The caller holds the
// workspace lock. Needs no vault if every content that comes back is in the tree already. The
// refusals are those of restore_workspace.
Result<DiscardReport> discard_changes(const SyncContext& context, const DiscardRequest& request,
                                      const WorkspaceLink& link, std::stop_token stop);

// Into another folder: context.tree is that folder's. Code::already_exists, before anything is
// written, if something is in the way.
Result<RestoreReport> restore_elsewhere(const SyncContext& context, const Index& version,
                                        const std::vector<std::string>& paths, bool dry_run,
                                        std::stop_token stop);

}  // namespace mikura

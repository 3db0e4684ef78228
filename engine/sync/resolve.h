// Resolving a conflict (M4.3): keep the local file, take what the repository has, keep both, or
// merge them. Whatever is given up goes to the backup folder.
#pragma once

#include "sync/context.h"
#include "sync/report.h"

namespace mikura {

// The caller holds the workspace lock. Code::not_found if the path is not in conflict,
// Code::refused if it is held. keep_local and keep_both need no vault.
// Code::conflict if a merge without markers would need them, Code::unsupported if there are no
// texts to merge: nothing is changed then.
Result<ResolveReport> resolve_conflict(const SyncContext& context, const WorkspaceLink& link,
                                       const ResolveRequest& request, std::stop_token stop);

}  // namespace mikura

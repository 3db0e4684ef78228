// Resolving a conflict (M4.3): keep the local file, or take what the repository has. Whatever is
// given up goes to the backup folder.
#pragma once

#include "sync/context.h"
#include "sync/report.h"

namespace mikura {

// The caller holds the workspace lock. Code::not_found if `path` is not in conflict. keep_local
// needs no vault.
Result<ResolveReport> resolve_conflict(const SyncContext& context, const WorkspaceLink& link,
                                       const std::string& path, Resolution resolution,
                                       std::stop_token stop);

}  // namespace mikura

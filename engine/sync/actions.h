// From plans to what people read: the actions of a report, with renames shown as renames. Pure.
#pragma once

#include <vector>

#include "local/state.h"
#include "merge/plan.h"
#include "sync/report.h"

namespace mikura {

// What a plan does to the working tree (conflicts among it), and what it publishes. Ascending by
// path.
std::vector<SyncAction> local_actions(const Plan& plan);
std::vector<SyncAction> remote_actions(const Plan& plan);

// That one of the plan's conflicts was merged.
SyncAction merge_action(const Plan& plan, const std::string& path);

ConflictInfo to_info(const ConflictRecord& record);

}  // namespace mikura

// Making part of the working tree equal to given entries: what restore and "take remote" share.
#pragma once

#include <string>
#include <vector>

#include "sync/apply.h"
#include "sync/snapshot.h"

namespace mikura {

// The entries at or beneath any of `paths`, ascending; all if `paths` is empty.
std::vector<Entry> entries_within(const std::vector<Entry>& entries,
                                  const std::vector<std::string>& paths);

// The steps from what the scan saw at and beneath `paths` to `target` (already cut to `paths`),
// creating missing parents from `all_target`.
std::vector<ApplyStep> steps_towards(const ScannedTree& local, const std::vector<Entry>& target,
                                     const std::vector<std::string>& paths,
                                     const std::vector<Entry>& all_target);

// Takes out the steps that would touch what an editor holds unsaved text of: at and beneath the
// paths of `hold`, and folders above them that would go. Returns the paths that kept a step away.
std::vector<std::string> leave_held_alone(std::vector<ApplyStep>& steps,
                                          const std::vector<std::string>& hold);

// Code::conflict naming the first of the files that changed during the run; success if there are
// none.
Result<void> require_unchanged(const std::vector<std::string>& changed_meanwhile);

}  // namespace mikura

// The policy `merge`: conflicts between texts that merge cleanly are merged before anything else is
// done (docs/sync.md).
#pragma once

#include <set>
#include <string>
#include <vector>

#include "merge/plan.h"
#include "sync/snapshot.h"
#include "sync/text_merging.h"

namespace mikura {

class AutoMerge {
 public:
  explicit AutoMerge(const SyncContext& context) : context_(context) {}

  // The paths of the plan's conflicts that merge cleanly. With `apply`, each merged content takes
  // the local file's place and the base there becomes what the repository has: the next plan only
  // has to publish it. That is announced before, so that a kill in between is found out.
  Result<std::vector<std::string>> run(const Snapshot& snapshot, const Plan& plan, bool apply,
                                       std::stop_token stop);

 private:
  Result<bool> merge_one(const Snapshot& snapshot, const PlanItem& item, bool apply,
                         std::stop_token stop);
  Result<void> advance_base(const Snapshot& snapshot, const std::vector<const PlanItem*>& merged);

  const SyncContext& context_;
  std::vector<FileRecord> records_;
};

}  // namespace mikura

// Conflict copies: where the remote side of a conflict goes, recorded before it exists. Used by one
// run of the sync.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "merge/plan.h"
#include "sync/apply.h"
#include "sync/context.h"
#include "sync/snapshot.h"

namespace mikura {

class ConflictCopies {
 public:
  explicit ConflictCopies(const SyncContext& context) : context_(context) {}

  // The copy to make for a conflict of the plan; nullopt if this very remote content lies beside
  // the local file already. It is announced in the state.
  Result<std::optional<ConflictCopy>> announce(const Snapshot& snapshot, const PlanItem& item);

 private:
  Result<std::string> free_path(const std::string& path);

  const SyncContext& context_;
  std::set<std::string> taken_;  // by this run, whether made already or not
};

}  // namespace mikura

// SyncContext: what the parts of sync/ work on, passed down as one value of references.
//
// Everything with an effect is behind an interface here (tree, state, vault's store, clock,
// random), so that the simulator can run the same code.
#pragma once

#include <atomic>

#include "base/clock.h"
#include "base/progress.h"
#include "base/task_group.h"
#include "crypto/random.h"
#include "local/state.h"
#include "local/working_tree.h"
#include "vault/vault.h"

namespace mikura {

// What travelled. Added to from any thread.
struct TransferCounts {
  std::atomic<std::uint64_t> uploaded_objects = 0, uploaded_bytes = 0;
  std::atomic<std::uint64_t> downloaded_objects = 0, downloaded_bytes = 0;
};

struct SyncContext {
  Vault* vault;  // null only for a look at local changes without key and network
  WorkingTree& tree;
  State& state;
  Clock& clock;
  Random& random;
  ByteBudget& memory;  // for contents held in memory at once
  const ProgressSink& progress;
  unsigned concurrency = 32;  // store requests at once
  TransferCounts& counts;
};

// Contents held at once in plain, compressed and sealed form count three times against the budget.
inline constexpr std::uint64_t kContentCopies = 3;

}  // namespace mikura

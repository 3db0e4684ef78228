// SyncContext: what the parts of sync/ work on, passed down as one value of references.
//
// Everything with an effect is behind an interface here (tree, state, vault's store, clock,
// random), so that the simulator can run the same code.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>

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

// When and how small files are packed together: one request then carries thousands of them. A
// handful is stored one by one, which needs no catalog.
struct PackLimits {
  std::size_t min_files = 16;                  // fewer new ones are stored alone
  std::uint64_t max_file_bytes = 1ULL << 20;   // larger ones are stored alone
  std::uint64_t max_group_bytes = 8ULL << 20;  // of plaintext, in one pack
  std::size_t max_group_files = 4096;
  std::uint64_t max_read_bytes = 4ULL << 20;  // read from a pack with one request
  std::uint64_t max_gap_bytes = 64ULL
                                << 10;  // unwanted bytes that are read rather than asked around
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
  PackLimits packs{};
  // Held while the list of pending catalogs is read and written back.
  std::shared_ptr<std::mutex> pending_catalogs = std::make_shared<std::mutex>();
  std::size_t max_whole_entries = kMaxWholeEntries;  // a larger version is written in segments
};

// Contents held at once in plain, compressed and sealed form count three times against the budget.
inline constexpr std::uint64_t kContentCopies = 3;

}  // namespace mikura

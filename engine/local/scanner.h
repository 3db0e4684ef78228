// The scan of a real folder (working_tree.h says what it finds, docs/working-tree.md why). Internal
// to local/.
//
// Three steps: list_tree lists and stats every folder in parallel (listing.h); flatten puts what it
// found into index order and finds the files whose content is not surely known; hash_files reads
// those in parallel (hashing.h).
#pragma once

#include <stop_token>

#include "base/result.h"
#include "local/beneath.h"
#include "local/working_tree.h"

namespace mikura {

struct ScanRoot {
  int fd;
  WalkMethod walk = WalkMethod::automatic;
};

// Fails only if the root itself cannot be read, or with Code::cancelled.
Result<ScannedTree> scan_folder(const ScanRoot& root, const ScanRequest& request,
                                std::stop_token stop);

}  // namespace mikura

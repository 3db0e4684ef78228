// From a tree of listed folders to entries in index order. Internal to local/. Pure.
#pragma once

#include <vector>

#include "local/listing.h"
#include "local/scan.h"
#include "local/working_tree.h"

namespace mikura {

// Fills entries, stamps, problems and counts. Files whose content is known (same stamp, not racy)
// get it from `request.known`; the others are named in `unknown`, as indices into entries,
// ascending. Takes the names and targets out of `listed`.
void flatten(ListedTree& listed, const ScanRequest& request, ScannedTree& tree,
             std::vector<std::size_t>& unknown);

}  // namespace mikura

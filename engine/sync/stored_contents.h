// Which files of the tree to be published have to be stored first.
#pragma once

#include <span>
#include <vector>

#include "format/entry.h"
#include "merge/plan.h"

namespace mikura {

// The files of `result` that have to be stored: those that `items` publish, but for large ones that
// the version under us (`remote`) has, too: of these, how they are stored there is taken over. A
// scan says only what a file holds, not how it is stored. The pointers are into `result`.
std::vector<Entry*> contents_to_store(std::vector<Entry>& result, std::span<const PlanItem> items,
                                      const std::vector<Entry>& remote);

}  // namespace mikura

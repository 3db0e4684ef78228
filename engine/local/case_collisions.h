// Names in one folder that a file system without upper and lower case would take for one. Internal
// to local/. Pure.
#pragma once

#include "local/listing.h"

namespace mikura {

// Adds a not_portable problem for each node whose name differs from another's only in ASCII case.
void note_case_collisions(ListedFolder& folder);

}  // namespace mikura

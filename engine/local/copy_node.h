// Copying one node, where it cannot be renamed. Internal to local/. Stateless; thread-safe.
#pragma once

#include "local/renamer.h"

namespace mikura {

// Copies the file or symlink at `from`, with its mode and time, to `to`; an (empty) folder is made
// anew. A file is on disk when this returns. EEXIST if something is at `to`; after any error
// nothing of ours is there. Answers with an errno.
int copy_node(const NameAt& from, const NameAt& to);

}  // namespace mikura

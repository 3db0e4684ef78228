// The real working tree, on POSIX with Linux's openat2, renameat2 and statx. See working_tree.h for
// what it promises.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/random.h"
#include "local/working_tree.h"

namespace mikura {

// `root` is an existing folder with a ".mikura" folder in it.
Result<std::unique_ptr<WorkingTree>> open_posix_tree(const std::string& root, Clock& clock,
                                                     Random& random);

}  // namespace mikura

// What tests may ask of the real working tree: to behave as on an older kernel or a poorer file
// system. Internal to local/.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/random.h"
#include "local/beneath.h"
#include "local/renamer.h"
#include "local/working_tree.h"

namespace mikura {

struct PosixTreeOptions {
  WalkMethod walk = WalkMethod::automatic;
  RenameFaults rename;
  std::string foreign_folder;  // treated as if another file system were mounted there
};

Result<std::unique_ptr<WorkingTree>> open_posix_tree(const std::string& root, Clock& clock,
                                                     Random& random, PosixTreeOptions options);

}  // namespace mikura

// Listing a folder that the program owns, and removing a tree of them, by handles. Internal to
// local/. Stateless; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mikura {

// All names in the folder `fd` but "." and "..", in the order of the file system. `shown` names the
// folder in an error.
Result<std::vector<std::string>> list_names(int fd, std::string_view shown);

// What lies at or beneath `name` in `folder`, in bytes: files by size, everything else as nothing.
// Never follows a symlink.
Result<std::uint64_t> tree_size(int folder, const std::string& name);

// Removes `name` in `folder` with everything beneath it, however deep. Never follows a symlink.
// Nothing there: fine.
Result<void> remove_tree(int folder, const std::string& name);

}  // namespace mikura

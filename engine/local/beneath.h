// Opening things beneath the workspace root without ever leaving it or following a symlink. Internal to local/.
//
// openat2(RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS) where the kernel has it (Linux 5.6), else component by component with O_NOFOLLOW.
// Thread-safe.
#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/result.h"
#include "local/scan.h"

namespace mikura {

// A path of the tree as this program may touch it: an index path, or one with conflict copies among its components.
Result<void> check_tree_path(std::string_view path);

// A handle (O_PATH) of the directory at `path`; "" is the root itself. Code::not_found if it, or a folder above it, is no directory.
Result<Fd> open_directory_beneath(int root, std::string_view path);

// The directory that holds `path`, and the name therein.
struct Place {
  Fd parent;
  std::string name;
};
Result<Place> place_of(int root, std::string_view path);

FileStamp stamp_of(const struct stat& info);
// Equal in all that a rename leaves alone (everything but the change time).
bool is_same_node(const FileStamp& a, const FileStamp& b);

// nullopt if there is nothing of that name.
Result<std::optional<FileStamp>> stamp_at(int parent, const std::string& name);

}  // namespace mikura

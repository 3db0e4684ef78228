// Opening folders beneath the workspace root without ever leaving it or following a symlink.
// Internal to local/.
//
// openat2(RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS) where the kernel has it
// (Linux 5.6 and no filter in the way), else component by component with O_NOFOLLOW. Both refuse a
// symlink anywhere in the path, also one that is swapped in while we walk. Mount points are
// crossed. Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/result.h"

namespace mikura {

enum class WalkMethod : std::uint8_t {
  automatic,   // openat2, and the walk where that is missing
  components,  // the walk always: for tests
};

// Code::corrupt unless `path` is an index path (validate_path) or one with conflict copies among
// its components: those are never in an index, but they are ours to place and remove.
Result<void> check_tree_path(std::string_view path);

struct OpenedFolder {
  Fd fd;
  int error = 0;  // an errno; ENOTDIR for a symlink or a file in the way
};

// Opens the folder at `path` beneath `base` ("" is `base` itself) with `access` O_PATH or O_RDONLY.
// The path may be longer than PATH_MAX. It must not hold "." or "..": check_tree_path.
OpenedFolder open_beneath(int base, std::string_view path, int access, WalkMethod method);

// The folder that holds a node (O_PATH), and the node's name in it.
struct Place {
  Fd parent;
  std::string name;
  std::string path;
};

// Checks `path` and opens its parent. Code::not_found if that is not there, or is no folder.
Result<Place> locate(int root, std::string_view path, WalkMethod method);

}  // namespace mikura

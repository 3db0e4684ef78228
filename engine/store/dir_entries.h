// The entries of one folder, as the folder holds them: unsorted, without "." and "..".
//
// Thread-safe: functions on a handle of the caller's own.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace mikura {

struct DirEntry {
  enum class Kind : std::uint8_t { file, folder, other };
  std::string name;
  Kind kind = Kind::file;
};

// `folder` must be open for reading and is left open.
Result<std::vector<DirEntry>> read_entries(int folder, const std::string& path);

}  // namespace mikura

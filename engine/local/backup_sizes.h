// What each finished backup takes up, remembered in .mikura/backup/.sizes. Internal to local/.
//
// A backup does not grow after its run, so it is measured once: without this, every push would walk
// through all of them. Nothing in the file is trusted for more than the order of clean-up; a
// missing or damaged line means measuring again.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/result.h"

namespace mikura {

class BackupSizes {
 public:
  // `folder` is the handle of .mikura/backup.
  static BackupSizes load(int folder);

  // The size of the backup `name`: remembered, or measured now.
  Result<std::uint64_t> size_of(const std::string& name);
  // Writes what was asked for since load(), if that is news. The rest is forgotten.
  void save() const;

 private:
  explicit BackupSizes(int folder) : folder_(folder) {}
  int folder_;
  std::map<std::string, std::uint64_t> remembered_;
  std::map<std::string, std::uint64_t> asked_;
};

}  // namespace mikura

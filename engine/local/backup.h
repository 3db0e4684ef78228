// The backup folder of one run: where what is replaced or removed goes (O2). Internal to local/.
//
// .mikura/backup/<YYYYMMDD.HHmmss>[.N]/<path>; made when first needed. Nodes are renamed into it, never copied or unlinked, so
// at every instant the old content has a name. Thread-safe.
#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"

namespace mikura {

class Backup {
 public:
  // `mikura` is the handle of the .mikura folder.
  Backup(int mikura, Clock& clock) : mikura_(mikura), clock_(clock) {}

  // Where a node was put: enough to put it back.
  struct Kept {
    Fd folder;
    std::string name;
  };
  // Renames `name` in `parent` into the backup, as `path`.
  Result<Kept> keep(int parent, const std::string& name, std::string_view path);

  // Relative to the root; empty if nothing was kept.
  std::string folder() const;

  // Removes backups older than `max_age_days`, and the oldest beyond `max_total_bytes`; never this run's.
  Result<void> prune(unsigned max_age_days, std::uint64_t max_total_bytes);

 private:
  Result<Fd> run_folder();
  Result<Kept> keep_at(int run, int parent, const std::string& name, std::string_view path);

  const int mikura_;
  Clock& clock_;
  mutable std::mutex mutex_;
  std::string name_;
};

}  // namespace mikura

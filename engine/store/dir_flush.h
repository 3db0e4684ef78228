// What has been put but not yet flushed in a folder store.
//
// A put costs no fsync (a disk does about a thousand a second); flush() makes up for all of them at
// once. Few files are flushed one by one, with their folders. Many by syncfs, which costs the same
// for any number but waits for everything that other programs have just written to that disk.
// Measured on ext4, 4 KiB objects, 2 cores: 2,000 files one by one 180 ms, by syncfs 9 ms, but 710
// ms with 1.5 GB of another program's unwritten data; 16 files one by one 18 to 40 ms either way
// (docs/stores.md).
//
// Thread-safe.
#pragma once

#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.h"
#include "base/result.h"
#include "store/dir_files.h"

namespace mikura {

class DirFlush {
 public:
  // `each_file`: never syncfs. Otherwise it is used where it is known to reach the disk.
  DirFlush(const DirRoot& root, bool each_file);

  // Remembers that the object needs flushing. Where syncfs cannot be used the list is bounded by
  // flushing now and then.
  Result<void> note(std::string_view name, const std::stop_token& stop);

  // All that was noted before is durable when it returns.
  Result<void> flush(const std::stop_token& stop);

 private:
  struct Pending {
    std::vector<std::string> names;
    bool too_many = false;  // names are no longer kept: syncfs will do
  };

  Result<void> flush_each(const std::vector<std::string>& names, const std::stop_token& stop);

  const DirRoot& root_;
  const bool syncfs_works_;
  std::mutex flushing_;  // a second flush must not return before the first has done its part
  Guarded<Pending> pending_;
};

}  // namespace mikura

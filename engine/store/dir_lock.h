// StoreLock: the one lock between all processes (and threads) that replace or remove objects of a
// folder store.
//
// It is held for the few microseconds between looking at an object and renaming or unlinking it,
// never while bytes are written. It is an flock on `.lock`: the kernel drops it when its holder
// dies, however it dies.
#pragma once

#include <stop_token>

#include "base/file.h"
#include "base/result.h"
#include "store/dir_files.h"

namespace mikura {

class StoreLock {
 public:
  // Waits. Code::cancelled if `stop` is requested, Code::busy after half a minute (a stopped
  // process holds it), Code::denied without permission to write, Code::unsupported if the file
  // system knows no locks.
  static Result<StoreLock> acquire(const DirRoot& root, const std::stop_token& stop);
  StoreLock(StoreLock&&) noexcept = default;
  StoreLock& operator=(StoreLock&&) = delete;
  ~StoreLock();

 private:
  explicit StoreLock(Fd fd) : fd_(std::move(fd)) {}

  Fd fd_;
};

}  // namespace mikura

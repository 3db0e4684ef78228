// The .mikura folder: finding it, making it, and owning it (one process at a time).
#pragma once

#include <optional>
#include <string>

#include "base/file.h"
#include "base/result.h"

namespace mikura {

inline constexpr std::string_view kMikuraFolder = ".mikura";

// The nearest ancestor of `start` (itself included) with a .mikura folder. Code::not_found with a
// hint to init, link or clone.
Result<std::string> find_workspace_root(const std::string& start);

// Creates root/.mikura (0700) with tmp/ and backup/ inside, if they are not there. A symlink or
// file in its place: Code::refused.
Result<void> make_workspace_folder(const std::string& root);

// Exclusive ownership while the object lives (flock on .mikura/lock, which holds the owner's pid).
// A killed owner releases it.
class WorkspaceLock {
 public:
  // Code::busy naming the owner's pid if another process has it.
  static Result<WorkspaceLock> acquire(const std::string& root);
  WorkspaceLock(WorkspaceLock&&) noexcept = default;
  WorkspaceLock& operator=(WorkspaceLock&&) noexcept = default;

 private:
  explicit WorkspaceLock(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace mikura

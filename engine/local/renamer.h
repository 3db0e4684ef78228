// Renaming without ever replacing anything unseen, also where the file system cannot do it in one
// step. Internal to local/.
//
// Answers are errnos, 0 = done. Thread-safe.
#pragma once

#include <functional>
#include <string>
#include <utility>

namespace mikura {

// For tests: what to pretend that the file system cannot do, and what happens in the moment before
// each rename.
struct RenameFaults {
  bool no_exchange = false;
  bool no_noreplace = false;
  bool no_hard_links = false;
  std::function<void()> before_move = {};
  std::function<void()> before_exchange = {};
};

struct NameAt {
  int folder;
  std::string name;
};

class Renamer {
 public:
  explicit Renamer(RenameFaults faults = {}) : faults_(std::move(faults)) {}

  // Renames `from` to `to`; EEXIST if `to` is there, EXDEV if they lie on different file systems.
  int move_new(const NameAt& from, const NameAt& to) const;

  // Swaps two nodes atomically. ENOSYS if the file system cannot.
  int exchange(const NameAt& a, const NameAt& b) const;

 private:
  const RenameFaults faults_;
};

}  // namespace mikura

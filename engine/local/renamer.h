// Renaming without ever replacing anything unseen, also where the file system cannot do it in one step. Internal to local/.
//
// Answers are errnos, 0 = done. Stateless but for its limits; thread-safe.
#pragma once

#include <string>

namespace mikura {

// What to pretend that the file system cannot do: for tests.
struct RenameLimits {
  bool no_exchange = false;
  bool no_noreplace = false;
  bool no_hard_links = false;
};

struct NameAt {
  int folder;
  std::string name;
};

class Renamer {
 public:
  explicit Renamer(RenameLimits limits = {}) : limits_(limits) {}

  // Renames `from` to `to`; EEXIST if `to` is there, EXDEV if they lie on different file systems.
  int move_new(const NameAt& from, const NameAt& to) const;

  // Swaps two nodes atomically. ENOSYS if the file system cannot.
  int exchange(const NameAt& a, const NameAt& b) const;

 private:
  const RenameLimits limits_;
};

}  // namespace mikura

// Lifting the write protection of a folder for one operation in it. Internal to local/.
//
// A folder with mode 0555 is an ordinary thing in a workspace; its owner may still change what is
// in it by adding the permission. Thread-safe: several threads may be at work in one folder; the
// last one to finish restores its mode. Invariant: whatever happens but a kill, the folder has its
// own mode again when run() returns to the last of them.
#pragma once

#include <cerrno>
#include <cstdint>
#include <map>
#include <utility>

#include "base/guarded.h"

namespace mikura {

class WritableFolders {
 public:
  // Calls call(), which answers with an errno, and once more with write permission if it was
  // EACCES.
  template <class Call>
  int run(int folder, Call&& call) {
    const int error = call();
    if (error != EACCES) return error;
    Key key;
    if (!lift(folder, key)) return error;
    const int second = call();
    restore(folder, key);
    return second;
  }

 private:
  using Key = std::pair<std::uint64_t, std::uint64_t>;  // device, inode
  struct Lifted {
    unsigned users = 0;
    std::uint32_t mode = 0;
  };

  bool lift(int folder, Key& key);
  void restore(int folder, const Key& key);

  Guarded<std::map<Key, Lifted>> lifted_;
};

}  // namespace mikura

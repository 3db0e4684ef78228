// The deliberate defects that the `fast` build of the simulator holds (bug_table.py): number i + 1
// is row i. set_seeded_bug() (sim/backend.h) switches one on.
#pragma once

#include <string>
#include <vector>

namespace mikura {

struct SeededBug {
  std::string name;
  std::string file;       // of engine/
  bool is_stale = false;  // its place in the source is not found any more
};

const std::vector<SeededBug>& seeded_bugs();

}  // namespace mikura

// Makes a failing run smaller: drops steps and takes decisions back, as long as the same invariant
// still breaks. One thread.
#pragma once

#include "sim/play.h"

namespace mikura {

struct Shrunk {
  TapeEdits edits;
  unsigned steps_before = 0;
  unsigned steps_left = 0;
};

Shrunk shrink(const SimTemplate& base, std::uint64_t seed, const Outcome& failed);

}  // namespace mikura

// One run of the simulator from a seed: chaos, then calm, then everything must be well.
//
// Deterministic: the same seed (and the same edits of the tape) gives the same trace, hash for
// hash. One thread at a time in a process.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/tape.h"
#include "sim/world.h"

namespace mikura {

struct Outcome {
  std::optional<Violation> violation;
  std::uint64_t trace_hash = 0;
  std::uint64_t versions = 0;
  std::uint64_t conflicts = 0;
  std::vector<std::string> trace;                    // if asked for
  std::map<std::uint32_t, std::uint32_t> decisions;  // of each segment of the tape
};

Outcome play(const SimTemplate& base, std::uint64_t seed, const TapeEdits* edits = nullptr,
             bool writes_trace = false);

// Lets everybody finish, with no fault any more, settles all conflicts, and demands equal trees and
// nothing left to do.
void calm_down(World& world);

}  // namespace mikura

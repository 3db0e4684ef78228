// Tape: where every decision of a run comes from, so that a run can be repeated and made smaller.
//
// A run is a list of steps; each draws its decisions from a segment of its own, and a segment's
// decisions depend on the seed and the segment's number alone. So a step can be dropped, or a
// decision be set to 0, and all others stay what they were. By convention 0 is the plainest choice:
// no fault, no switch, the shortest. One thread; plain value.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <utility>

namespace mikura {

// What was taken out of a run to make it smaller.
struct TapeEdits {
  std::set<std::uint32_t> dropped;                // segments
  std::map<std::uint32_t, std::uint32_t> limits;  // segment: decisions from here on are 0
  std::set<std::pair<std::uint32_t, std::uint32_t>> zeroed;  // (segment, decision)
};

class Tape {
 public:
  explicit Tape(std::uint64_t seed, const TapeEdits* edits = nullptr);

  // Goes on in this segment. False if it was dropped.
  bool enter(std::uint32_t segment);
  // A number below `n`.
  std::uint32_t choose(std::uint32_t n);
  // True in about `per_mille` of 1000 cases.
  bool chance(std::uint32_t per_mille) { return choose(1000) >= 1000 - per_mille; }

  // How many decisions each segment took.
  const std::map<std::uint32_t, std::uint32_t>& taken() const { return taken_; }

 private:
  const std::uint64_t seed_;
  const TapeEdits* const edits_;
  std::uint32_t segment_ = 0;
  std::uint32_t* count_ = nullptr;
  std::uint32_t limit_ = UINT32_MAX;
  std::uint64_t state_ = 0;
  std::map<std::uint32_t, std::uint32_t> taken_;
};

// One step of the generator splitmix64: well mixed bits from any value.
std::uint64_t mix_bits(std::uint64_t value);

}  // namespace mikura

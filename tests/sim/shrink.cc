#include "sim/shrink.h"

namespace mikura {
namespace {

constexpr unsigned kMaxPlays = 4000;

class Shrinker {
 public:
  Shrinker(const SimTemplate& base, std::uint64_t seed, const Outcome& failed)
      : base_(base), seed_(seed), invariant_(failed.violation->invariant), last_(failed) {}

  TapeEdits run() {
    for (bool smaller = true; smaller && plays_ < kMaxPlays;) {
      smaller = false;
      for (unsigned size = 8; size >= 1; size /= 2)
        smaller |= drop_steps(size);
      smaller |= cut_short();
      smaller |= take_back();
    }
    return best_;
  }

 private:
  bool still_fails(const TapeEdits& edits) {
    ++plays_;
    Outcome outcome = play(base_, seed_, &edits);
    if (!outcome.violation || outcome.violation->invariant != invariant_) return false;
    best_ = edits;
    last_ = std::move(outcome);
    return true;
  }

  std::vector<std::uint32_t> steps() const {
    std::vector<std::uint32_t> all;
    for (const auto& [segment, count] : last_.decisions) {
      if (segment >= 2 && !best_.dropped.contains(segment)) all.push_back(segment);
    }
    return all;
  }

  bool drop_steps(unsigned size) {
    bool smaller = false;
    const auto all = steps();
    for (std::size_t end = all.size(); end >= size && plays_ < kMaxPlays; end -= size) {
      TapeEdits edits = best_;
      for (std::size_t i = end - size; i < end; ++i)
        edits.dropped.insert(all[i]);
      smaller |= still_fails(edits);
    }
    return smaller;
  }

  // From some decision on, a segment takes only the plainest ones.
  bool cut_short() {
    bool smaller = false;
    const auto decisions = last_.decisions;
    for (const auto& [segment, count] : decisions) {
      if (best_.dropped.contains(segment) || plays_ >= kMaxPlays) continue;
      const auto known = best_.limits.find(segment);
      std::uint32_t high = known != best_.limits.end() ? known->second : count;
      std::uint32_t low = 0;
      while (low < high && plays_ < kMaxPlays) {
        TapeEdits edits = best_;
        edits.limits[segment] = (low + high) / 2;
        if (still_fails(edits)) {
          high = (low + high) / 2;
          smaller = true;
        } else {
          low = (low + high) / 2 + 1;
        }
      }
    }
    return smaller;
  }

  // Single decisions become the plainest one.
  bool take_back() {
    bool smaller = false;
    const auto decisions = last_.decisions;
    for (const auto& [segment, count] : decisions) {
      if (best_.dropped.contains(segment)) continue;
      const auto known = best_.limits.find(segment);
      const std::uint32_t limit = known != best_.limits.end() ? known->second : count;
      for (std::uint32_t at = 0; at < limit && plays_ < kMaxPlays; ++at) {
        if (best_.zeroed.contains({segment, at})) continue;
        TapeEdits edits = best_;
        edits.zeroed.insert({segment, at});
        smaller |= still_fails(edits);
      }
    }
    return smaller;
  }

  const SimTemplate& base_;
  const std::uint64_t seed_;
  const std::string invariant_;
  Outcome last_;
  TapeEdits best_;
  unsigned plays_ = 0;
};

unsigned count_steps(const std::map<std::uint32_t, std::uint32_t>& decisions,
                     const TapeEdits& edits) {
  unsigned count = 0;
  for (const auto& [segment, taken] : decisions) {
    if (segment >= 2 && !edits.dropped.contains(segment)) ++count;
  }
  return count;
}

}  // namespace

Shrunk shrink(const SimTemplate& base, std::uint64_t seed, const Outcome& failed) {
  Shrunk result;
  result.steps_before = count_steps(failed.decisions, {});
  result.edits = Shrinker(base, seed, failed).run();
  const Outcome last = play(base, seed, &result.edits);
  result.steps_left = count_steps(last.decisions, result.edits);
  return result;
}

}  // namespace mikura

// The simulator in every build: a bounded number of runs, and the proof that a seed is a run.
#include <gtest/gtest.h>

#include <string>

#include "sim/play.h"
#include "sim/shrink.h"
#include "sim/template.h"

namespace mikura {
namespace {

std::string report(const SimTemplate& base, std::uint64_t seed, const Outcome& outcome) {
  std::string text = "seed " + std::to_string(seed) + ": " + outcome.violation->invariant + ": " +
                     outcome.violation->detail + "\n";
  const Shrunk small = shrink(base, seed, outcome);
  for (const std::string& line : play(base, seed, &small.edits, true).trace)
    text += line + "\n";
  return text;
}

TEST(Simulation, FindsNothing) {
  const auto base = make_sim_template();
  constexpr std::uint64_t runs = MIKURA_SIM_RUNS;
  std::uint64_t versions = 0;
  std::uint64_t conflicts = 0;
  for (std::uint64_t seed = 1; seed <= runs; ++seed) {
    const Outcome outcome = play(*base, seed);
    versions += outcome.versions;
    conflicts += outcome.conflicts;
    ASSERT_FALSE(outcome.violation) << report(*base, seed, outcome);
  }
  // It does meet what it is about.
  EXPECT_GT(versions, runs);
  EXPECT_GT(conflicts, runs / 50);
}

TEST(Simulation, TheSameSeedIsTheSameRun) {
  const auto base = make_sim_template();
  for (std::uint64_t seed = 500; seed < 500 + MIKURA_SIM_RUNS / 100; ++seed) {
    const Outcome first = play(*base, seed);
    // A run with a trace, and a run after another one, are the same run.
    const Outcome second = play(*base, seed, nullptr, true);
    ASSERT_EQ(first.trace_hash, second.trace_hash) << seed;
    ASSERT_EQ(first.decisions, second.decisions) << seed;
  }
  EXPECT_NE(play(*base, 1).trace_hash, play(*base, 2).trace_hash);
}

}  // namespace
}  // namespace mikura

// Whether the simulator would find what can go wrong: each deliberate defect of bug_table.py must
// be found, by some invariant, within 10,000 runs.
#include <gtest/gtest.h>

#include <cstdio>

#include <string>
#include <vector>

#include "sim/backend.h"
#include "sim/play.h"
#include "sim/seeded_bugs.h"
#include "sim/template.h"

namespace mikura {
namespace {

constexpr std::uint64_t kMaxRuns = 10'000;

struct Found {
  std::uint64_t runs = 0;  // 0: not found
  std::string invariant;
};

Found look_for(int number) {
  const auto base = make_sim_template();
  set_seeded_bug(number);
  Found found;
  for (std::uint64_t seed = 1; seed <= kMaxRuns && found.runs == 0; ++seed) {
    const Outcome outcome = play(*base, seed);
    if (outcome.violation) found = {seed, outcome.violation->invariant};
  }
  set_seeded_bug(0);
  return found;
}

TEST(SeededBugs, AreAllStillInTheSource) {
  ASSERT_GE(seeded_bugs().size(), 20U);
  for (const SeededBug& bug : seeded_bugs())
    EXPECT_FALSE(bug.is_stale) << "bug_table.py: " << bug.file << " no longer holds the place of '"
                               << bug.name << "' exactly once";
}

TEST(SeededBugs, AreEachFoundWithinTenThousandRuns) {
  std::uint64_t most = 0;
  for (std::size_t i = 0; i < seeded_bugs().size(); ++i) {
    const SeededBug& bug = seeded_bugs()[i];
    if (bug.is_stale) continue;
    const Found found = look_for(static_cast<int>(i + 1));
    EXPECT_NE(found.runs, 0U) << bug.file << ": " << bug.name;
    most = std::max(most, found.runs);
    std::printf("%6llu runs  %s: %s  (%s)\n", static_cast<unsigned long long>(found.runs),
                bug.file.c_str(), bug.name.c_str(), found.invariant.c_str());
  }
  RecordProperty("most_runs", static_cast<int>(most));
}

}  // namespace
}  // namespace mikura

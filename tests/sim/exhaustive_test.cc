// Exhaustive faults: in every scenario, every single call of the engine fails once before and once
// after its effect, and the process dies once before and once after it; alone, and with news from
// elsewhere before the next run. Then nothing may be lost, the next run must complete, and all must
// come to be equal.
#include <gtest/gtest.h>

#include <iostream>
#include <string>

#include "sim/play.h"
#include "sim/scenarios.h"
#include "sim/template.h"

namespace mikura {
namespace {

// What happens between the fault and the next run.
enum class Meanwhile { nothing, power_cut, b_edits, b_removes };

struct Fault {
  Verdict verdict = Verdict::fail;
  Meanwhile meanwhile = Meanwhile::nothing;
};

constexpr Fault kFaults[] = {
    {Verdict::fail, Meanwhile::nothing},         {Verdict::fail_after, Meanwhile::nothing},
    {Verdict::dead, Meanwhile::nothing},         {Verdict::die_after, Meanwhile::nothing},
    {Verdict::dead, Meanwhile::power_cut},       {Verdict::die_after, Meanwhile::power_cut},
    {Verdict::fail, Meanwhile::b_edits},         {Verdict::fail_after, Meanwhile::b_edits},
    {Verdict::dead, Meanwhile::b_edits},         {Verdict::die_after, Meanwhile::b_edits},
    {Verdict::fail_after, Meanwhile::b_removes}, {Verdict::die_after, Meanwhile::b_removes},
};

// A scenario has some hundred calls. More: it has lost its way.
constexpr std::uint64_t kMostCalls = 5'000;

struct Played {
  bool was_hit = false;
  std::optional<Violation> violation;
  bool completed = false;  // without an error of A's
  std::vector<std::string> trace;
};

void let_pass(Stage& stage, Meanwhile meanwhile) {
  switch (meanwhile) {
    case Meanwhile::nothing:
      return;
    case Meanwhile::power_cut:
      return stage.world().power_cut(stage.a());
    case Meanwhile::b_edits:
      stage.sync(stage.b());
      for (const char* const path : {"a", "n", "d/e"}) {
        const SimNodePtr node = stage.b().fs.find(path);
        if (node != nullptr && node->kind == EntryKind::file) stage.edit(stage.b(), path);
      }
      return stage.sync(stage.b());
    case Meanwhile::b_removes:
      stage.sync(stage.b());
      for (const char* const path : {"a", "n", "d"}) {
        if (stage.b().fs.find(path) != nullptr) stage.remove(stage.b(), path);
      }
      return stage.sync(stage.b());
  }
}

Played play_with(const SimTemplate& base, const Scenario& scenario, const Fault& fault,
                 std::uint64_t n, bool writes_trace) {
  Tape tape(n);
  Weather weather;
  weather.clients = 2;
  weather.attempts = 1;  // a failed request is a failed command
  weather.power_cuts = fault.meanwhile == Meanwhile::power_cut;
  weather.last_write_wins = scenario.last_write_wins;
  tape.enter(0);
  World world(base, weather, tape, writes_trace);
  Stage stage(world);
  scenario.before(stage);
  world.aim({.client = 0, .seam = std::nullopt, .n = n, .verdict = fault.verdict});
  scenario.act(stage);
  Played played;
  played.was_hit = world.aimed_was_hit();
  played.completed = !stage.a().error;
  world.aim({});  // nothing fails from now on
  if (played.was_hit && !world.violation()) let_pass(stage, fault.meanwhile);
  if (!world.violation()) calm_down(world);
  played.violation = world.violation();
  played.trace = world.trace();
  return played;
}

class Exhaustive : public testing::TestWithParam<Scenario> {};

TEST_P(Exhaustive, EveryCallMayFail) {
  static const auto base = make_sim_template();
  std::uint64_t points = 0;
  for (const Fault& fault : kFaults) {
    for (std::uint64_t n = 1;; ++n) {
      ASSERT_LT(n, kMostCalls);
      const Played played = play_with(*base, GetParam(), fault, n, false);
      if (played.violation) {
        std::string text;
        for (const std::string& line : play_with(*base, GetParam(), fault, n, true).trace)
          text += line + "\n";
        FAIL() << "call " << n << ": " << played.violation->invariant << ": "
               << played.violation->detail << "\n"
               << text;
      }
      if (!played.was_hit) {
        EXPECT_TRUE(played.completed) << "without a fault it must go well";
        break;
      }
      ++points;
    }
  }
  EXPECT_GT(points, 0U);
  RecordProperty("points", static_cast<int>(points));
  std::cout << points << " points\n";
}

INSTANTIATE_TEST_SUITE_P(Faults, Exhaustive,
                         testing::ValuesIn(scenarios().begin(), scenarios().end()),
                         [](const auto& scenario) { return std::string(scenario.param.name); });

}  // namespace
}  // namespace mikura

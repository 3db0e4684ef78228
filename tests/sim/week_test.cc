// A week on a network that fails all the time, with nobody to look after it: people edit, their
// engines sync every twenty minutes, requests are lost, answered late or twice, machines die.
#include <gtest/gtest.h>

#include <string>

#include "sim/play.h"
#include "sim/template.h"
#include "sim/user.h"

namespace mikura {
namespace {

constexpr std::int64_t kMinuteNs = 60'000'000'000;
constexpr unsigned kMinutesBetweenSyncs = 20;
constexpr unsigned kRoundsOfAWeek = 7 * 24 * 60 / kMinutesBetweenSyncs;

Weather flaky() {
  Weather weather;
  weather.clients = 3;
  weather.store_faults = 150;  // of 1000 requests
  weather.deaths = 2;
  weather.attempts = 4;
  return weather;
}

// What a round of everybody is.
void sync_all(World& world) {
  for (auto& client : world.clients()) {
    if (!world.is_busy(*client)) world.start(*client, {CommandKind::sync, {}, {}, 0});
  }
  world.run_to_end();
}

std::string trace_of(const World& world) {
  return world.violation()->invariant + ": " + world.violation()->detail;
}

class Week : public testing::TestWithParam<std::uint64_t> {
 protected:
  static const SimTemplate& base() {
    static const auto made = make_sim_template();
    return *made;
  }
};

// Each writes files of his own.
TEST_P(Week, OfPeopleWhoDoNotMeetEndsWithoutAConflictAndWithEqualTrees) {
  Tape tape(GetParam());
  tape.enter(0);
  World world(base(), flaky(), tape, false);
  for (unsigned round = 0; round < kRoundsOfAWeek; ++round) {
    for (auto& client : world.clients()) {
      const std::string own(1, static_cast<char>('a' + client->id));
      const std::uint32_t file = tape.choose(8);
      const std::string path = own + "/" + std::to_string(file);
      if (tape.choose(4) == 0 && client->fs.find(path) != nullptr)
        user_delete(world, *client, path);
      else if (tape.choose(2) == 0)
        user_write(world, *client, path, world.fresh_text(false));
    }
    sync_all(world);
    world.advance(kMinutesBetweenSyncs * kMinuteNs);
    ASSERT_FALSE(world.violation()) << "round " << round << ": " << trace_of(world);
  }
  EXPECT_EQ(world.oracle().conflicts(), 0U);
  EXPECT_GT(world.oracle().versions().size(), kRoundsOfAWeek / 4) << "most came through at once";
  calm_down(world);
  EXPECT_FALSE(world.violation()) << trace_of(world);
}

// They edit, rename and delete the same few files; conflicts stay open, and nothing else stops.
TEST_P(Week, OfPeopleWhoMeetLosesNothingAndStopsNobody) {
  Tape tape(GetParam() + 1000);
  tape.enter(0);
  World world(base(), flaky(), tape, false);
  for (unsigned round = 0; round < kRoundsOfAWeek; ++round) {
    for (auto& client : world.clients()) {
      if (tape.choose(3) == 0) random_edit(world, *client);
    }
    sync_all(world);
    world.advance(kMinutesBetweenSyncs * kMinuteNs);
    ASSERT_FALSE(world.violation()) << "round " << round << ": " << trace_of(world);
  }
  calm_down(world);
  EXPECT_FALSE(world.violation()) << trace_of(world);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Week, testing::Range<std::uint64_t>(1, 11));

}  // namespace
}  // namespace mikura

#include "sim/play.h"

#include <fmt/format.h>

#include "sim/sim_store.h"
#include "sim/user.h"

namespace mikura {
namespace {

constexpr std::uint32_t kConfigSegment = 0;
constexpr std::uint32_t kCalmSegment = 1;
constexpr std::uint32_t kFirstStep = 2;

unsigned sometimes(Tape& tape, unsigned per_mille) {
  static constexpr unsigned kShares[] = {0, 0, 0, 1, 2, 4};
  return per_mille * kShares[tape.choose(6)] / 4;
}

// Each run leaves most of the trouble out, so that every combination comes up.
Weather draw_weather(Tape& tape) {
  static constexpr unsigned kClients[] = {2, 1, 2, 3, 2, 4, 3, 2};
  Weather weather;
  weather.clients = kClients[tape.choose(8)];
  weather.steps = 6 + tape.choose(18);
  weather.store_faults = sometimes(tape, 120);
  weather.tree_faults = sometimes(tape, 15);
  weather.state_faults = sometimes(tape, 15);
  weather.deaths = sometimes(tape, 30);
  weather.attempts = tape.choose(3) == 2 ? 1 : 8;
  weather.power_cuts = tape.choose(4) == 3;
  weather.state_losses = tape.choose(12) == 11;
  weather.clock_steps = tape.choose(5) == 4;
  weather.store_losses = tape.choose(2) == 1 && weather.power_cuts;
  weather.last_write_wins = tape.choose(8) == 7;
  weather.pushes = tape.choose(4) == 3;
  weather.paths = tape.choose(2) == 1 ? 9 : 2 + tape.choose(3);
  return weather;
}

SimClient& pick_client(World& world) {
  auto& clients = world.clients();
  return *clients[world.tape().choose(static_cast<std::uint32_t>(clients.size()))];
}

void begin_command(World& world, SimClient& client) {
  if (world.is_busy(client)) return;
  Tape& tape = world.tape();
  const std::uint32_t what = tape.choose(16);
  if (what < 11) return world.start(client, {CommandKind::sync, {}, {}, 0});
  if (what == 11) return world.start(client, {CommandKind::pull, {}, {}, 0});
  if (what == 12 && world.weather().pushes)
    return world.start(client, {CommandKind::push, {}, {}, 0});
  if (what < 15 && !client.state.conflicts.empty()) {
    const auto position = tape.choose(static_cast<std::uint32_t>(client.state.conflicts.size()));
    static constexpr Resolution kResolutions[] = {Resolution::keep_local, Resolution::take_remote,
                                                  Resolution::keep_both};
    const Resolution resolution = kResolutions[tape.choose(3)];
    return world.start(
        client, {CommandKind::resolve, std::next(client.state.conflicts.begin(), position)->first,
                 resolution, 0});
  }
  const std::size_t versions = world.oracle().versions().size();
  if (versions == 0) return world.start(client, {CommandKind::sync, {}, {}, 0});
  const std::size_t version = tape.choose(static_cast<std::uint32_t>(versions));
  static constexpr const char* kPaths[] = {"", "a", "d", "d/e", "b"};
  world.start(client, {CommandKind::restore, kPaths[tape.choose(5)], {}, version});
}

void disturb(World& world, SimClient& client) {
  Tape& tape = world.tape();
  const Weather& weather = world.weather();
  switch (tape.choose(7)) {
    case 0:
      if (!world.storage().delayed().empty())
        world.deliver_late(
            tape.choose(static_cast<std::uint32_t>(world.storage().delayed().size())));
      break;
    case 1:
      if (weather.deaths > 0) world.kill(client);
      break;
    case 2:
      if (weather.power_cuts) world.power_cut(client);
      break;
    case 3:
      if (weather.state_losses && !world.is_busy(client)) world.lose_state(client);
      break;
    case 4:
      if (weather.clock_steps) {
        client.skew_ns = (static_cast<std::int64_t>(tape.choose(2001)) - 1000) * 7'200'000'000LL;
        world.note(fmt::format("{}: the clock is {} s off", static_cast<char>('A' + client.id),
                               client.skew_ns / 1'000'000'000));
      }
      break;
    default:
      if (weather.store_losses) world.store_power_loss();
      break;
  }
}

// Somebody whose engine is at work, if there is one: edits during a run are what it is about.
SimClient& pick_busy(World& world, SimClient& other) {
  for (auto& client : world.clients()) {
    if (world.is_busy(*client)) return *client;
  }
  return other;
}

// How long those who are at work go on before the next step.
std::uint64_t draw_time(Tape& tape) {
  const std::uint32_t what = tape.choose(4);
  if (what == 0) return UINT64_MAX;
  return 1 + tape.choose(what == 1 ? 8 : 40);
}

void one_step(World& world) {
  Tape& tape = world.tape();
  const std::uint32_t what = tape.choose(20);
  SimClient& client = pick_client(world);
  if (what < 9)
    random_edit(world, what < 4 ? pick_busy(world, client) : client);
  else if (what < 17)
    begin_command(world, client);
  else
    disturb(world, client);
  world.advance(static_cast<std::int64_t>(tape.choose(3000)) * 1'000'000);
  world.run(draw_time(tape));
}

}  // namespace

Outcome play(const SimTemplate& base, std::uint64_t seed, const TapeEdits* edits,
             bool writes_trace) {
  Tape tape(seed, edits);
  tape.enter(kConfigSegment);
  const Weather weather = draw_weather(tape);
  World world(base, weather, tape, writes_trace);
  for (std::uint32_t i = 0; i < weather.steps && !world.violation(); ++i) {
    if (tape.enter(kFirstStep + i)) one_step(world);
  }
  tape.enter(kCalmSegment);
  if (!world.violation()) calm_down(world);
  return {world.violation(),          world.trace_hash(), world.oracle().versions().size(),
          world.oracle().conflicts(), world.trace(),      tape.taken()};
}

}  // namespace mikura

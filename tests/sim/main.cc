// mikura-sim: runs of the simulator, one seed after another.
//
//   mikura-sim --runs N --seed S [--bug K]   N runs from seed S on; stops at the first failure,
//                                            makes it smaller and prints its trace
//   mikura-sim --trace S                     one run, printed
//
// Exit code 0: nothing found; 1: something found; 2: wrong arguments.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "sim/backend.h"
#include "sim/play.h"
#include "sim/shrink.h"
#include "sim/template.h"

namespace mikura {
namespace {

struct Arguments {
  std::uint64_t runs = 1000;
  std::uint64_t seed = 1;
  int bug = 0;
  bool trace = false;
};

bool parse(int count, char** words, Arguments& arguments) {
  for (int i = 1; i < count; i += 2) {
    if (i + 1 >= count) return false;
    const std::string option = words[i];
    char* end = nullptr;
    const std::uint64_t value = std::strtoull(words[i + 1], &end, 10);
    if (*end != 0) return false;
    if (option == "--runs")
      arguments.runs = value;
    else if (option == "--seed")
      arguments.seed = value;
    else if (option == "--bug")
      arguments.bug = static_cast<int>(value);
    else if (option == "--trace")
      arguments.seed = value, arguments.trace = true;
    else
      return false;
  }
  return true;
}

void print(const Outcome& outcome) {
  for (const std::string& line : outcome.trace)
    std::printf("%s\n", line.c_str());
  if (outcome.violation)
    std::printf("FAILED: %s: %s\n", outcome.violation->invariant.c_str(),
                outcome.violation->detail.c_str());
  std::printf("trace hash %016llx\n", static_cast<unsigned long long>(outcome.trace_hash));
}

int run(const Arguments& arguments) {
  const auto base = make_sim_template();
  set_seeded_bug(arguments.bug);
  if (arguments.trace) {
    const Outcome outcome = play(*base, arguments.seed, nullptr, true);
    print(outcome);
    return outcome.violation ? 1 : 0;
  }
  const auto began = std::chrono::steady_clock::now();
  std::uint64_t versions = 0;
  std::uint64_t conflicts = 0;
  std::uint64_t hash = 0;
  for (std::uint64_t i = 0; i < arguments.runs; ++i) {
    const std::uint64_t seed = arguments.seed + i;
    const Outcome outcome = play(*base, seed);
    versions += outcome.versions;
    conflicts += outcome.conflicts;
    hash = mix_bits(hash ^ outcome.trace_hash);
    if (!outcome.violation) continue;
    std::printf("seed %llu failed after %llu runs: %s: %s\nmaking it smaller ...\n",
                static_cast<unsigned long long>(seed), static_cast<unsigned long long>(i + 1),
                outcome.violation->invariant.c_str(), outcome.violation->detail.c_str());
    const Shrunk small = shrink(*base, seed, outcome);
    print(play(*base, seed, &small.edits, true));
    std::printf("%u steps of %u are left; the whole run: mikura-sim --trace %llu\n",
                small.steps_left, small.steps_before, static_cast<unsigned long long>(seed));
    return 1;
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - began;
  std::printf(
      "%llu runs from seed %llu (%s): nothing found; %.0f runs/s, %llu versions, %llu conflicts, "
      "hash %016llx\n",
      static_cast<unsigned long long>(arguments.runs),
      static_cast<unsigned long long>(arguments.seed), sim_backend(),
      static_cast<double>(arguments.runs) / seconds.count(),
      static_cast<unsigned long long>(versions), static_cast<unsigned long long>(conflicts),
      static_cast<unsigned long long>(hash));
  return 0;
}

}  // namespace
}  // namespace mikura

int main(int count, char** words) {
  mikura::Arguments arguments;
  if (!mikura::parse(count, words, arguments)) {
    std::fprintf(stderr, "mikura-sim [--runs N] [--seed S] [--bug K] | --trace S\n");
    return 2;
  }
  return mikura::run(arguments);
}

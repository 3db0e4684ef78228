// Every fuzz target over its seeds, and over each seed with bytes changed, removed and repeated:
// the same in every build.
#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "base/file.h"
#include "targets.h"

namespace mikura::fuzz {
namespace {

constexpr unsigned kMutationsPerSeed = 2000;

std::vector<Bytes> seeds_of(std::string_view name) {
  std::vector<Bytes> seeds;
  const std::string folder = std::string(MIKURA_SOURCE_DIR) + "/fuzz/seeds/" + std::string(name);
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    auto bytes = read_file(file.path().string(), 1 << 20);
    if (bytes) seeds.push_back(*std::move(bytes));
  }
  return seeds;
}

Bytes mutated(const Bytes& seed, std::mt19937& random) {
  Bytes bytes = seed;
  const unsigned changes = 1 + random() % 4;
  for (unsigned i = 0; i < changes; ++i) {
    if (bytes.empty()) bytes.push_back(std::byte{0});
    const std::size_t at = random() % bytes.size();
    switch (random() % 4) {
      case 0:
        bytes[at] = static_cast<std::byte>(random() & 0xff);
        break;
      case 1:
        bytes[at] ^= static_cast<std::byte>(1U << (random() % 8));
        break;
      case 2:
        bytes.resize(at);
        break;
      default:
        bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes[at]);
        break;
    }
  }
  return bytes;
}

class FuzzSeeds : public ::testing::TestWithParam<Target> {};

TEST_P(FuzzSeeds, SurvivesItsSeedsAndTheirMutations) {
  const std::vector<Bytes> seeds = seeds_of(GetParam().name);
  ASSERT_FALSE(seeds.empty()) << "no seeds for " << GetParam().name;
  std::mt19937 random(1);
  GetParam().run({});
  for (const Bytes& seed : seeds) {
    GetParam().run(seed);
    for (unsigned i = 0; i < kMutationsPerSeed; ++i)
      GetParam().run(mutated(seed, random));
  }
}

INSTANTIATE_TEST_SUITE_P(All, FuzzSeeds,
                         ::testing::ValuesIn(all_targets().begin(), all_targets().end()),
                         [](const auto& parameter) { return std::string(parameter.param.name); });

}  // namespace
}  // namespace mikura::fuzz

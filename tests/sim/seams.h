// SimClock and SimRandom: time and chance of a simulated machine. One thread.
#pragma once

#include <cstring>

#include "base/clock.h"
#include "crypto/random.h"
#include "sim/tape.h"
#include "sim/world.h"

namespace mikura {

class SimRandom final : public Random {
 public:
  explicit SimRandom(std::uint64_t seed) : state_(seed) {}
  void fill(MutableByteSpan out) override {
    while (!out.empty()) {
      state_ = mix_bits(state_);
      const std::size_t n = std::min(out.size(), sizeof state_);
      std::memcpy(out.data(), &state_, n);
      out = out.subspan(n);
    }
  }

 private:
  std::uint64_t state_;
};

class SimClock final : public Clock {
 public:
  SimClock(World& world, SimClient& client) : world_(world), client_(client) {}
  std::int64_t unix_ns() override { return world_.now_of(client_); }
  std::chrono::nanoseconds monotonic() override {
    return std::chrono::nanoseconds(world_.now_ns());
  }
  bool sleep_for(std::chrono::nanoseconds duration, std::stop_token) override {
    world_.pause(client_, duration.count());
    return !client_.dead;
  }

 private:
  World& world_;
  SimClient& client_;
};

}  // namespace mikura

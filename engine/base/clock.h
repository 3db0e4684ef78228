// Clock: the seam to time, so that tests and the simulator own it.
//
// Thread-safety: implementations are safe for concurrent use.
#pragma once

#include <chrono>
#include <cstdint>
#include <stop_token>

namespace mikura {

class Clock {
 public:
  virtual ~Clock() = default;

  // Nanoseconds since 1970-01-01T00:00:00Z. May jump; never used for ordering or security.
  virtual std::int64_t unix_ns() = 0;

  // Monotonic, for time-outs and durations.
  virtual std::chrono::nanoseconds monotonic() = 0;

  // Returns early, with false, when a stop is requested.
  virtual bool sleep_for(std::chrono::nanoseconds duration, std::stop_token stop) = 0;

  std::int64_t unix_ms() { return unix_ns() / 1'000'000; }
};

// The machine's clock. The object lives as long as the process.
Clock& system_clock();

}  // namespace mikura

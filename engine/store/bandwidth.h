// Bandwidth: an upper limit for what a store sends and receives together.
//
// The limit is that of the AWS tools: `s3 = max_bandwidth` of the profile. Traffic is let through
// object by object: whoever comes waits until what came before could have passed at the limit's
// rate. Thread-safe. Waiting ends when a stop is requested.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string_view>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/result.h"

namespace mikura {

// "50MB/s", "512KB/s", "100Mb/s" (bits), "1000000": bytes a second. Code::invalid for anything else
// or for less than 1 KB/s.
Result<std::uint64_t> parse_bandwidth(std::string_view text);

class Bandwidth {
 public:
  // Zero: no limit.
  Bandwidth(std::uint64_t bytes_per_second, Clock& clock)
      : bytes_per_second_(bytes_per_second), clock_(clock) {}

  // Before sending and after receiving so many bytes. Code::cancelled if stopped while waiting.
  Result<void> pass(std::uint64_t bytes, const std::stop_token& stop);

 private:
  const std::uint64_t bytes_per_second_;
  Clock& clock_;
  Guarded<std::chrono::nanoseconds> free_at_{std::chrono::nanoseconds(0)};
};

}  // namespace mikura

// StopEvent: a stop request as something that poll() can wait for. Reading that a stop ends.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <stop_token>
#include <string_view>

#include "base/bytes.h"
#include "base/file.h"
#include "base/result.h"

namespace mikura {

class StopEvent {
 public:
  explicit StopEvent(std::stop_token stop);
  StopEvent(const StopEvent&) = delete;
  StopEvent& operator=(const StopEvent&) = delete;

  // Waits until `fd` can be read (or is at its end). Code::cancelled when a stop is requested.
  Result<void> wait_readable(int fd) const;

 private:
  Fd event_;
  std::optional<std::stop_callback<std::function<void()>>> callback_;
};

// Reads from `fd` until the end: returns the count. Code::invalid if there is more than `out`
// holds.
Result<std::size_t> read_all(int fd, MutableByteSpan out, std::string_view name,
                             const StopEvent& stop);

}  // namespace mikura

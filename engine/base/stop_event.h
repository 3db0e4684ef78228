// StopEvent: a stop request as something that poll() can wait for.
//
// Thread-safe: any number of threads may wait at once.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>

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
  // Waits until `fd` takes bytes (or never will again). A stop request leaves it `grace`, from then
  // on, to do so: Code::cancelled after that.
  Result<void> wait_writable(int fd, std::chrono::milliseconds grace) const;

 private:
  Fd event_;
  std::optional<std::stop_callback<std::function<void()>>> callback_;
};

}  // namespace mikura

// One line on the terminal that says how far a long call is: from the first second on, on stderr,
// redrawn at most ten times a second, cleared at the end. Thread-safe.
#pragma once

#include <chrono>
#include <cstdio>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/progress.h"

namespace mikura {

// What the line shows. Pure.
std::string progress_text(const Progress& progress, std::chrono::nanoseconds in_phase);

class ProgressLine {
 public:
  // `clock` must outlive the object.
  ProgressLine(std::FILE* stream, bool enabled, Clock& clock)
      : stream_(stream), enabled_(enabled), clock_(clock), started_(clock.monotonic()) {
    phase_started_ = started_;
    drawn_at_ = started_;
  }
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(const Progress& progress);
  // Takes the line away, so that something else can be written; the next show() may bring it back.
  void clear();

 private:
  std::FILE* const stream_;
  const bool enabled_;
  Clock& clock_;
  const std::chrono::nanoseconds started_;

  std::mutex mutex_;  // guards what follows
  std::chrono::nanoseconds phase_started_{};
  std::chrono::nanoseconds drawn_at_{};
  Progress::Phase phase_ = Progress::Phase::connecting;
  bool is_shown_ = false;
};

}  // namespace mikura

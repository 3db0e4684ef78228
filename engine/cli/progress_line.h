// One line on the terminal that says how far a long call is: from the first second on, on stderr, cleared at the end. Thread-safe.
#pragma once

#include <chrono>
#include <mutex>
#include <string>

#include "base/progress.h"

namespace mikura {

// What the line shows. Pure.
std::string progress_text(const Progress& progress, std::chrono::milliseconds in_phase);

class ProgressLine {
 public:
  explicit ProgressLine(bool enabled) : enabled_(enabled), started_(std::chrono::steady_clock::now()), phase_started_(started_) {}
  ~ProgressLine() { clear(); }

  void show(const Progress& progress);
  void clear();

 private:
  const bool enabled_;
  const std::chrono::steady_clock::time_point started_;
  std::chrono::steady_clock::time_point phase_started_;
  std::chrono::steady_clock::time_point last_;
  Progress::Phase phase_ = Progress::Phase::connecting;
  std::mutex mutex_;
  bool shown_ = false;
};

}  // namespace mikura

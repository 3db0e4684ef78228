// Progress: how far a long call is; and a meter that reports it without flooding the receiver.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>

namespace mikura {

struct Progress {
  enum class Phase : std::uint8_t {
    connecting,
    scanning,
    downloading,
    applying,
    uploading,
    publishing
  };
  Phase phase = Phase::connecting;
  std::uint64_t done_items = 0;
  std::uint64_t total_items = 0;  // 0 = unknown
  std::uint64_t done_bytes = 0;
  std::uint64_t total_bytes = 0;  // 0 = unknown
};
using ProgressSink = std::function<void(const Progress&)>;

// Counts one phase. add() may be called from any thread; the sink sees at most about ten calls a
// second, and the first and last.
class ProgressMeter {
 public:
  ProgressMeter(const ProgressSink& sink, Progress::Phase phase, std::uint64_t total_items,
                std::uint64_t total_bytes)
      : sink_(sink), phase_(phase), total_items_(total_items), total_bytes_(total_bytes) {
    report();
  }
  ~ProgressMeter() { report(); }
  ProgressMeter(const ProgressMeter&) = delete;
  ProgressMeter& operator=(const ProgressMeter&) = delete;

  void add(std::uint64_t items, std::uint64_t bytes) {
    items_ += items;
    bytes_ += bytes;
    if (!sink_) return;
    const auto since_start = std::chrono::steady_clock::now().time_since_epoch();
    const std::int64_t now =
        std::chrono::duration_cast<std::chrono::milliseconds>(since_start).count();
    std::int64_t last = last_ms_.load();
    if (now - last >= 100 && last_ms_.compare_exchange_strong(last, now)) report();
  }

 private:
  void report() const {
    if (sink_) sink_({phase_, items_.load(), total_items_, bytes_.load(), total_bytes_});
  }

  const ProgressSink& sink_;
  const Progress::Phase phase_;
  const std::uint64_t total_items_;
  const std::uint64_t total_bytes_;
  std::atomic<std::uint64_t> items_ = 0;
  std::atomic<std::uint64_t> bytes_ = 0;
  std::atomic<std::int64_t> last_ms_ = 0;
};

}  // namespace mikura

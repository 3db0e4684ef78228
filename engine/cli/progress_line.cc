#include "cli/progress_line.h"

#include <cstdio>

#include "cli/messages.h"
#include "cli/text.h"

namespace mikura {
namespace {

using namespace std::chrono_literals;

std::string_view name_of(Progress::Phase phase) {
  switch (phase) {
    case Progress::Phase::connecting: return "progress.connecting";
    case Progress::Phase::scanning: return "progress.scanning";
    case Progress::Phase::downloading: return "progress.downloading";
    case Progress::Phase::applying: return "progress.applying";
    case Progress::Phase::uploading: return "progress.uploading";
    case Progress::Phase::publishing: return "progress.publishing";
  }
  return "progress.connecting";
}

std::string duration_text(std::uint64_t seconds) {
  if (seconds < 60) return fmt::format("{} s", seconds);
  if (seconds < 3600) return fmt::format("{}:{:02} min", seconds / 60, seconds % 60);
  return fmt::format("{}:{:02} h", seconds / 3600, seconds / 60 % 60);
}

}  // namespace

std::string progress_text(const Progress& progress, std::chrono::milliseconds in_phase) {
  std::string text = tr(name_of(progress.phase));
  if (progress.total_items > 1) text += fmt::format("  {} / {}", progress.done_items, progress.total_items);
  else if (progress.done_items > 0) text += fmt::format("  {}", progress.done_items);
  if (progress.total_bytes > 0) text += fmt::format("  {} / {}", human_size(progress.done_bytes), human_size(progress.total_bytes));
  const double seconds = static_cast<double>(in_phase.count()) / 1000;
  if (progress.done_bytes == 0 || seconds < 1) return text;
  const double rate = static_cast<double>(progress.done_bytes) / seconds;
  text += fmt::format("  {}/s", human_size(static_cast<std::uint64_t>(rate)));
  if (progress.total_bytes > progress.done_bytes) {
    text += "  " + duration_text(static_cast<std::uint64_t>(static_cast<double>(progress.total_bytes - progress.done_bytes) / rate) + 1);
  }
  return text;
}

void ProgressLine::show(const Progress& progress) {
  if (!enabled_) return;
  const std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  const bool new_phase = progress.phase != phase_;
  if (new_phase) {
    phase_ = progress.phase;
    phase_started_ = now;
  }
  if (now - started_ < 1s || (!new_phase && now - last_ < 100ms)) return;
  last_ = now;
  const auto in_phase = std::chrono::duration_cast<std::chrono::milliseconds>(now - phase_started_);
  std::fprintf(stderr, "\r\x1b[2K%s", progress_text(progress, in_phase).c_str());
  std::fflush(stderr);
  shown_ = true;
}

void ProgressLine::clear() {
  const std::lock_guard lock(mutex_);
  if (!shown_) return;
  std::fputs("\r\x1b[2K", stderr);
  std::fflush(stderr);
  shown_ = false;
}

}  // namespace mikura

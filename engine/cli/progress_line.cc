#include "cli/progress_line.h"

#include <sys/ioctl.h>

#include "cli/messages.h"
#include "cli/text.h"

namespace mikura {
namespace {

using namespace std::chrono_literals;

constexpr auto kQuietAtFirst = 1s;
constexpr auto kBetweenDrawings = 100ms;
constexpr std::size_t kUsualColumns = 80;

std::string_view name_of(Progress::Phase phase) {
  switch (phase) {
    case Progress::Phase::connecting:
      return "progress.connecting";
    case Progress::Phase::scanning:
      return "progress.scanning";
    case Progress::Phase::downloading:
      return "progress.downloading";
    case Progress::Phase::applying:
      return "progress.applying";
    case Progress::Phase::uploading:
      return "progress.uploading";
    case Progress::Phase::publishing:
      return "progress.publishing";
  }
  return "progress.connecting";
}

std::size_t columns_of(std::FILE* stream) {
  winsize size{};
  const int fd = ::fileno(stream);
  if (fd < 0 || ::ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUsualColumns;
  return size.ws_col;
}

}  // namespace

std::string progress_text(const Progress& progress, std::chrono::nanoseconds in_phase) {
  std::string text = tr(name_of(progress.phase));
  if (progress.total_items > 1) {
    text += fmt::format("  {} / {}", progress.done_items, progress.total_items);
  } else if (progress.done_items > 0) {
    text += fmt::format("  {}", progress.done_items);
  }
  if (progress.total_bytes > 0) {
    text +=
        fmt::format("  {} / {}", human_size(progress.done_bytes), human_size(progress.total_bytes));
  }
  const double seconds = std::chrono::duration<double>(in_phase).count();
  if (progress.done_bytes == 0 || seconds < 1) return text;
  const double rate = static_cast<double>(progress.done_bytes) / seconds;
  text += fmt::format("  {}/s", human_size(static_cast<std::uint64_t>(rate)));
  if (progress.total_bytes > progress.done_bytes) {
    const double left = static_cast<double>(progress.total_bytes - progress.done_bytes) / rate;
    text += "  " + human_duration(static_cast<std::uint64_t>(left) + 1);
  }
  return text;
}

void ProgressLine::show(const Progress& progress) {
  if (!enabled_) return;
  const std::lock_guard lock(mutex_);
  const std::chrono::nanoseconds now = clock_.monotonic();
  if (progress.phase != phase_) {
    phase_ = progress.phase;
    phase_started_ = now;
  }
  if (now - started_ < kQuietAtFirst || now - drawn_at_ < kBetweenDrawings) return;
  drawn_at_ = now;
  const std::string text = progress_text(progress, now - phase_started_);
  // A line that wraps could not be redrawn.
  const std::string shown(fitting(text, columns_of(stream_) - 1));
  std::fputs(("\r\x1b[2K" + shown).c_str(), stream_);
  std::fflush(stream_);
  is_shown_ = true;
}

void ProgressLine::clear() {
  const std::lock_guard lock(mutex_);
  if (!is_shown_) return;
  std::fputs("\r\x1b[2K", stream_);
  std::fflush(stream_);
  is_shown_ = false;
}

}  // namespace mikura

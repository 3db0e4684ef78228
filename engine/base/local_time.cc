#include "base/local_time.h"

#include <ctime>
#include <mutex>

namespace mikura {

namespace {

constexpr const char* kTimeFormat = "%Y%m%d.%H%M%S";

std::string format_local(std::int64_t unix_ns, const char* format) {
  const std::time_t seconds = static_cast<std::time_t>(unix_ns / 1'000'000'000);
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  char text[32] = {};
  std::strftime(text, sizeof text, format, &parts);
  return text;
}

}  // namespace

std::string local_time_text(std::int64_t unix_ns) {
  return format_local(unix_ns, kTimeFormat);
}

std::optional<std::int64_t> seconds_of_local_time_text(std::string_view text) {
  const std::string terminated(text);
  std::tm parts{};
  const char* const end = ::strptime(terminated.c_str(), kTimeFormat, &parts);
  if (end != terminated.c_str() + terminated.size()) return std::nullopt;
  // strptime skips white space and takes single digits; names are written in one way only.
  char again[sizeof "YYYYMMDD.HHmmss"] = {};
  if (std::strftime(again, sizeof again, kTimeFormat, &parts) == 0 || text != again)
    return std::nullopt;
  parts.tm_isdst = -1;
  // mktime reads the time zone anew each time, under a lock of the C library's own that thread
  // checkers cannot see.
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  return ::mktime(&parts);
}

std::string local_minute_text(std::int64_t unix_ns) {
  return format_local(unix_ns, "%Y-%m-%d %H.%M");
}

}  // namespace mikura

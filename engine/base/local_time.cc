#include "base/local_time.h"

#include <ctime>

namespace mikura {

namespace {

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
  return format_local(unix_ns, "%Y%m%d.%H%M%S");
}

std::string local_minute_text(std::int64_t unix_ns) {
  return format_local(unix_ns, "%Y-%m-%d %H.%M");
}

}  // namespace mikura

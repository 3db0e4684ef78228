#include "base/local_time.h"

#include <ctime>

namespace mikura {

std::string local_time_text(std::int64_t unix_ns) {
  const std::time_t seconds = static_cast<std::time_t>(unix_ns / 1'000'000'000);
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  char text[32] = {};
  std::strftime(text, sizeof text, "%Y%m%d.%H%M%S", &parts);
  return text;
}

}  // namespace mikura

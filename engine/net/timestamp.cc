#include "net/timestamp.h"

#include <array>
#include <chrono>
#include <cstdio>

namespace mikura {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

struct Civil {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
  unsigned weekday = 0;
};

Civil to_civil(std::int64_t unix_seconds) {
  const std::chrono::sys_seconds time{std::chrono::seconds(unix_seconds)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const auto in_day = static_cast<unsigned>((time - day).count());
  return {.year = int(date.year()),
          .month = unsigned(date.month()),
          .day = unsigned(date.day()),
          .hour = in_day / 3600,
          .minute = in_day / 60 % 60,
          .second = in_day % 60,
          .weekday = std::chrono::weekday(day).c_encoding()};
}

std::optional<std::int64_t> to_unix(const Civil& civil) {
  const std::chrono::year_month_day date(
      std::chrono::year(civil.year), std::chrono::month(civil.month), std::chrono::day(civil.day));
  if (!date.ok() || civil.hour > 23 || civil.minute > 59 || civil.second > 60) return std::nullopt;
  const std::chrono::sys_days day(date);
  return std::chrono::duration_cast<std::chrono::seconds>(day.time_since_epoch()).count() +
         civil.hour * 3600 + civil.minute * 60 + civil.second;
}

// Reads text by a pattern: each letter of `pattern` is a digit of the field of that letter, any
// other character stands for itself. False if the text does not fit.
bool scan(std::string_view text, std::string_view pattern, Civil& out) {
  if (text.size() != pattern.size()) return false;
  unsigned year = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned* field = nullptr;
    switch (pattern[i]) {
      case 'Y':
        field = &year;
        break;
      case 'M':
        field = &out.month;
        break;
      case 'D':
        field = &out.day;
        break;
      case 'h':
        field = &out.hour;
        break;
      case 'm':
        field = &out.minute;
        break;
      case 's':
        field = &out.second;
        break;
      default:
        break;
    }
    if (field == nullptr) {
      if (text[i] != pattern[i]) return false;
      continue;
    }
    if (text[i] < '0' || text[i] > '9') return false;
    *field = *field * 10 + static_cast<unsigned>(text[i] - '0');
  }
  if (year != 0) out.year = static_cast<int>(year);
  return true;
}

template <class... Arguments>
std::string print(const char* format, Arguments... arguments) {
  std::array<char, 64> buffer{};
  const int size = std::snprintf(buffer.data(), buffer.size(), format, arguments...);
  return {buffer.data(), static_cast<std::size_t>(size)};
}

}  // namespace

std::string format_amz_date(std::int64_t unix_seconds) {
  const Civil c = to_civil(unix_seconds);
  return print("%04d%02u%02uT%02u%02u%02uZ", c.year, c.month, c.day, c.hour, c.minute, c.second);
}

std::optional<std::int64_t> parse_amz_date(std::string_view text) {
  Civil civil;
  // 'T' and 'Z' stand for themselves.
  if (!scan(text, "YYYYMMDDThhmmssZ", civil)) return std::nullopt;
  return to_unix(civil);
}

std::optional<std::int64_t> parse_iso8601_ms(std::string_view text) {
  Civil civil;
  if (text.size() < 20 || text.back() != 'Z') return std::nullopt;
  if (!scan(text.substr(0, 19), "YYYY-MM-DDThh:mm:ss", civil)) return std::nullopt;
  std::string_view fraction = text.substr(19, text.size() - 20);
  std::int64_t milliseconds = 0;
  if (!fraction.empty()) {
    if (fraction.front() != '.' || fraction.size() < 2 || fraction.size() > 10) return std::nullopt;
    std::int64_t unit = 100;
    for (const char c : fraction.substr(1)) {
      if (c < '0' || c > '9') return std::nullopt;
      milliseconds += (c - '0') * unit;
      unit /= 10;
    }
  }
  const auto seconds = to_unix(civil);
  if (!seconds) return std::nullopt;
  return *seconds * 1000 + milliseconds;
}

std::string format_iso8601_ms(std::int64_t unix_ms) {
  const std::int64_t ms = (unix_ms % 1000 + 1000) % 1000;
  const Civil c = to_civil((unix_ms - ms) / 1000);
  return print("%04d-%02u-%02uT%02u:%02u:%02u.%03dZ", c.year, c.month, c.day, c.hour, c.minute,
               c.second, static_cast<int>(ms));
}

std::optional<std::int64_t> parse_http_date(std::string_view text) {
  // The day of the week carries nothing: only its form is checked.
  if (text.size() != 29 || text.substr(3, 2) != ", ") return std::nullopt;
  Civil civil;
  const std::string_view month = text.substr(8, 3);
  for (unsigned i = 0; i < kMonths.size(); ++i) {
    if (kMonths[i] == month) civil.month = i + 1;
  }
  if (civil.month == 0 || !scan(text.substr(5, 3), "DD ", civil)) return std::nullopt;
  if (!scan(text.substr(11, 14), " YYYY hh:mm:ss", civil) || text.substr(25) != " GMT")
    return std::nullopt;
  return to_unix(civil);
}

std::string format_http_date(std::int64_t unix_seconds) {
  const Civil c = to_civil(unix_seconds);
  return print("%s, %02u %s %04d %02u:%02u:%02u GMT", kDays.at(c.weekday).data(), c.day,
               kMonths.at(c.month - 1).data(), c.year, c.hour, c.minute, c.second);
}

}  // namespace mikura

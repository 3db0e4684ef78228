#include "cli/text.h"

#include <fmt/format.h>

#include <array>
#include <ctime>

#include "base/utf8.h"

namespace mikura {
namespace {

unsigned char_at(std::string_view text, std::size_t i) { return static_cast<unsigned char>(text[i]); }

// C0, DEL, and C1 as UTF-8 (C2 80..9F).
bool is_control(std::string_view text, std::size_t i) {
  const unsigned c = char_at(text, i);
  if (c < 0x20 || c == 0x7f) return true;
  return c == 0xC2 && i + 1 < text.size() && char_at(text, i + 1) < 0xA0;
}

// U+202A..202E and U+2066..2069 turn the direction of what follows: a name could look like another.
bool is_direction_mark(std::string_view text, std::size_t i) {
  if (char_at(text, i) != 0xE2 || i + 2 >= text.size()) return false;
  const unsigned second = char_at(text, i + 1);
  const unsigned third = char_at(text, i + 2);
  return (second == 0x80 && third >= 0xAA && third <= 0xAE) || (second == 0x81 && third >= 0xA6 && third <= 0xA9);
}

bool is_harmless(std::string_view text) {
  if (text.empty() || !is_valid_utf8(text)) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_control(text, i) || is_direction_mark(text, i) || text[i] == '"') return false;
  }
  return true;
}

}  // namespace

std::string safe(std::string_view text) {
  if (is_harmless(text)) return std::string(text);
  const bool utf8 = is_valid_utf8(text);
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const unsigned c = char_at(text, i);
    if (c == '\n') out += "\\n";
    else if (c == '\t') out += "\\t";
    else if (c == '"' || c == '\\') (out += '\\') += text[i];
    else if (is_control(text, i) || is_direction_mark(text, i) || (c >= 0x80 && !utf8)) out += fmt::format("\\x{:02x}", c);
    else out += text[i];
  }
  return out + "\"";
}

std::string human_size(std::uint64_t bytes) {
  static constexpr std::array<std::string_view, 6> kUnits = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  if (unit == 0) return fmt::format("{} B", bytes);
  return value < 10 ? fmt::format("{:.1f} {}", value, kUnits[unit]) : fmt::format("{:.0f} {}", value, kUnits[unit]);
}

std::string human_time(std::int64_t unix_ms) {
  const std::time_t seconds = static_cast<std::time_t>(unix_ms / 1000);
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour,
                     parts.tm_min, parts.tm_sec);
}

std::string short_id(std::string_view uuid) { return std::string(uuid.substr(uuid.size() < 8 ? 0 : uuid.size() - 8)); }

}  // namespace mikura

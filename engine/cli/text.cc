#include "cli/text.h"

#include <fmt/format.h>

#include <array>
#include <ctime>

#include "base/utf8.h"

namespace mikura {
namespace {

unsigned byte_at(std::string_view text, std::size_t i) {
  return static_cast<unsigned char>(text[i]);
}

// The length of the UTF-8 character that starts with this byte.
std::size_t character_size(unsigned first) {
  if (first < 0xC0) return 1;
  if (first < 0xE0) return 2;
  return first < 0xF0 ? 3 : 4;
}

// The character at the start of valid, non-empty UTF-8.
char32_t decode(std::string_view text) {
  const unsigned first = byte_at(text, 0);
  const std::size_t size = character_size(first);
  if (size == 1) return first;
  char32_t character = first & (0x7FU >> size);
  for (std::size_t i = 1; i < size; ++i)
    character = (character << 6) | (byte_at(text, i) & 0x3F);
  return character;
}

// C0, DEL and C1 drive terminals; U+2028 and U+2029 break lines; the rest of the list turns the
// direction of what follows, or is not visible at all.
bool is_dangerous(char32_t c) {
  if (c < 0x20 || (c >= 0x7F && c < 0xA0)) return true;
  if (c == 0x061C || c == 0x200E || c == 0x200F || c == 0xFEFF) return true;
  if ((c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069)) return true;
  return c >= 0xE0000 && c <= 0xE007F;
}

void append_octal(std::string& out, std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i)
    out += fmt::format("\\{:03o}", byte_at(bytes, i));
}

void append_escaped(std::string& out, std::string_view character) {
  if (character == "\n") {
    out += "\\n";
  } else if (character == "\t") {
    out += "\\t";
  } else {
    append_octal(out, character);
  }
}

// Appends `text` with what is dangerous escaped, but for the characters in `kept`.
void append_harmless(std::string& out, std::string_view text, std::string_view kept) {
  const bool utf8 = is_valid_utf8(text);
  while (!text.empty()) {
    const std::size_t size = utf8 ? character_size(byte_at(text, 0)) : 1;
    const std::string_view character = text.substr(0, size);
    const bool foreign = !utf8 && byte_at(text, 0) >= 0x80;
    const bool keep = size == 1 && kept.find(character) != std::string_view::npos;
    if (!keep && (foreign || is_dangerous(decode(character)))) {
      append_escaped(out, character);
    } else {
      out += character;
    }
    text.remove_prefix(size);
  }
}

bool is_wide(char32_t c) {
  return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) ||
         (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
         (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
         (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0x1F300 && c <= 0x1FAFF) ||
         (c >= 0x20000 && c <= 0x3FFFD);
}

}  // namespace

std::string shown_name(std::string_view name) {
  const bool edges = name.empty() || name.starts_with(' ') || name.ends_with(' ');
  std::string plain;
  append_harmless(plain, name, {});
  if (!edges && plain == name && name.find('"') == std::string_view::npos) return plain;
  std::string quoted = "\"";
  for (std::string_view rest = name; !rest.empty();) {
    const std::size_t end = rest.find_first_of("\"\\");
    const std::string_view piece = rest.substr(0, end);
    append_harmless(quoted, piece, {});
    if (end == std::string_view::npos) break;
    quoted += '\\';
    quoted += rest[end];
    rest.remove_prefix(end + 1);
  }
  return quoted + "\"";
}

std::string harmless(std::string_view text) {
  std::string out;
  append_harmless(out, text, {});
  return out;
}

std::string harmless_lines(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    // Line by line: one that is not UTF-8 must not make the others unreadable.
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    append_harmless(out, line, "\t");
    if (end == std::string_view::npos) break;
    out += '\n';
    text.remove_prefix(end + 1);
  }
  return out;
}

std::string human_size(std::uint64_t bytes) {
  static constexpr std::array<std::string_view, 7> kUnits = {"B",   "KiB", "MiB", "GiB",
                                                             "TiB", "PiB", "EiB"};
  if (bytes < 1024) return fmt::format("{} B", bytes);
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  // What would be shown as 1024 belongs to the next unit.
  while (value >= 1023.5 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  return value < 9.95 ? fmt::format("{:.1f} {}", value, kUnits[unit])
                      : fmt::format("{:.0f} {}", value, kUnits[unit]);
}

std::string human_duration(std::uint64_t seconds) {
  if (seconds < 60) return fmt::format("{} s", seconds);
  if (seconds < 3600) return fmt::format("{}:{:02} min", seconds / 60, seconds % 60);
  return fmt::format("{}:{:02} h", seconds / 3600, seconds / 60 % 60);
}

std::string human_time(std::int64_t unix_ms) {
  // Rounds down also before 1970.
  const std::int64_t seconds = unix_ms / 1000 - (unix_ms % 1000 < 0 ? 1 : 0);
  const std::time_t time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  if (::localtime_r(&time, &parts) == nullptr) return fmt::format("@{}", seconds);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::string short_id(std::string_view uuid) {
  return std::string(uuid.substr(uuid.size() < 8 ? 0 : uuid.size() - 8));
}

std::size_t display_width(std::string_view text) {
  if (!is_valid_utf8(text)) return text.size();
  std::size_t columns = 0;
  for (; !text.empty(); text.remove_prefix(character_size(byte_at(text, 0)))) {
    columns += is_wide(decode(text)) ? 2 : 1;
  }
  return columns;
}

std::string_view fitting(std::string_view text, std::size_t columns) {
  if (!is_valid_utf8(text)) return text.substr(0, columns);
  std::size_t end = 0;
  while (end < text.size()) {
    const std::string_view rest = text.substr(end);
    const std::size_t width = is_wide(decode(rest)) ? 2 : 1;
    if (width > columns) break;
    columns -= width;
    end += character_size(byte_at(rest, 0));
  }
  return text.substr(0, end);
}

}  // namespace mikura

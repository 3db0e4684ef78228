// Text for people: names that cannot harm a terminal, sizes, times. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mikura {

// `text` as it is if it is harmless; else in double quotes with control characters (and quotes, backslashes) escaped as in C. Names and
// messages come from other people: raw escape sequences could take over a terminal.
std::string safe(std::string_view text);

// "0 B", "512 B", "1.4 KiB", "12 MiB".
std::string human_size(std::uint64_t bytes);

// "2026-01-02 03:04:05" in local time.
std::string human_time(std::int64_t unix_ms);

// The last eight hexadecimal digits of a version's id: enough to name it, and what differs first.
std::string short_id(std::string_view uuid);

}  // namespace mikura

// Text for people: what cannot harm a terminal, sizes, durations, times. Pure.
//
// Names and messages come from other people: raw escape sequences could take over a terminal, and
// characters that turn the direction of writing can make one name look like another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mikura {

// A name as it is if it is harmless; else in double quotes with escapes as in C, octal for bytes,
// which is the form that git prints and reads.
std::string shown_name(std::string_view name);

// A sentence with every control character escaped, and without quotes.
std::string harmless(std::string_view text);

// Lines of text, of which line feeds and tabs are kept.
std::string harmless_lines(std::string_view text);

// "0 B", "512 B", "1.4 KiB", "12 MiB".
std::string human_size(std::uint64_t bytes);

// "7 s", "3:05 min", "2:10 h".
std::string human_duration(std::uint64_t seconds);

// "2026-01-02 03:04:05" in local time.
std::string human_time(std::int64_t unix_ms);

// The last eight hexadecimal digits of a version's id: the end is what tells versions apart.
std::string short_id(std::string_view uuid);

// How many columns a text takes on a terminal: two for the wide characters of East Asia.
std::size_t display_width(std::string_view text);

// The longest beginning of `text` that takes at most `columns`.
std::string_view fitting(std::string_view text, std::size_t columns);

}  // namespace mikura

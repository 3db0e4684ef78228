// Local time as names carry it: "20260102.030405" (M4.2). Conflict copies and backups use it, so
// that what belongs to one moment is seen to. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mikura {

// YYYYMMDD.HHmmss of `unix_ns`, nanoseconds since 1970 UTC, in the machine's time zone.
std::string local_time_text(std::int64_t unix_ns);
// The way back, in whole seconds since 1970 UTC; nullopt for anything but such a text. Of an hour
// that a clock change repeats, either may be meant.
std::optional<std::int64_t> seconds_of_local_time_text(std::string_view text);
// "2026-01-02 03.04": for people, and possible in a file name everywhere.
std::string local_minute_text(std::int64_t unix_ns);

}  // namespace mikura

// The three ways in which S3 writes a point in time. All are UTC, none depends on the locale or the
// time zone.
//
// Pure. Parsers answer nullopt for anything that is not exactly of the form, or no date of the
// calendar.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mikura {

// "20130524T000000Z": x-amz-date.
std::string format_amz_date(std::int64_t unix_seconds);
std::optional<std::int64_t> parse_amz_date(std::string_view text);

// "2026-02-21T10:00:00.000Z", with or without the fraction: <LastModified>. In milliseconds.
std::optional<std::int64_t> parse_iso8601_ms(std::string_view text);
std::string format_iso8601_ms(std::int64_t unix_ms);

// "Fri, 24 May 2013 00:00:00 GMT" (IMF-fixdate, RFC 9110): Date, Last-Modified, Retry-After.
std::optional<std::int64_t> parse_http_date(std::string_view text);
std::string format_http_date(std::int64_t unix_seconds);

}  // namespace mikura

#include "net/credential_fields.h"

#include <algorithm>
#include <charconv>

#include "base/bytes.h"
#include "net/timestamp.h"

namespace mikura {
namespace {

constexpr std::size_t kMaxKeyBytes = 1024;
constexpr std::size_t kMaxTokenBytes = 32 << 10;

bool fits_a_header(std::string_view text, std::size_t max_bytes) {
  return text.size() <= max_bytes &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

// "+hh:mm" or "-hh:mm" in milliseconds.
std::optional<std::int64_t> parse_offset_ms(std::string_view text) {
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  int hours = 0;
  int minutes = 0;
  const auto number = [](std::string_view digits, int& out) {
    return std::from_chars(digits.data(), digits.data() + digits.size(), out).ptr ==
           digits.data() + digits.size();
  };
  if (!number(text.substr(1, 2), hours) || !number(text.substr(4, 2), minutes)) return std::nullopt;
  const std::int64_t ms = (std::int64_t{hours} * 60 + minutes) * 60'000;
  return text[0] == '-' ? -ms : ms;
}

}  // namespace

std::optional<std::int64_t> parse_expiration_ms(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size() && !text.empty()) return number;
  if (text.ends_with("UTC"))
    return parse_iso8601_ms(std::string(text.substr(0, text.size() - 3)) + "Z");
  if (text.ends_with('Z')) return parse_iso8601_ms(text);
  if (text.size() < 6) return std::nullopt;
  const auto offset = parse_offset_ms(text.substr(text.size() - 6));
  const auto local = parse_iso8601_ms(std::string(text.substr(0, text.size() - 6)) + "Z");
  return offset && local ? std::optional(*local - *offset) : std::nullopt;
}

Result<Credentials> make_credentials(const CredentialTexts& texts, const std::string& what,
                                     std::string source) {
  if (texts.access_key_id.empty() || texts.secret_access_key.empty())
    return Error(Code::invalid, what + " holds no access key");
  if (!fits_a_header(texts.access_key_id, kMaxKeyBytes) ||
      !fits_a_header(texts.secret_access_key, kMaxKeyBytes) ||
      !fits_a_header(texts.session_token, kMaxTokenBytes)) {
    return Error(Code::invalid, what + " holds characters that no access key has");
  }
  Credentials credentials;
  credentials.access_key_id = texts.access_key_id;
  credentials.secret_access_key = SecretBytes(as_bytes(texts.secret_access_key));
  credentials.session_token = SecretBytes(as_bytes(texts.session_token));
  if (!texts.expiration.empty()) {
    credentials.expires_unix_ms = parse_expiration_ms(texts.expiration);
    if (!credentials.expires_unix_ms)
      return Error(Code::invalid, what + " says in no known way when the access key expires");
  }
  credentials.source = std::move(source);
  return credentials;
}

Result<Credentials> credentials_in(const JsonFields& fields, const CredentialNames& names,
                                   const std::string& what, std::string source) {
  const auto text = [&](const std::string& name) { return fields.find(name).value_or(""); };
  return make_credentials({.access_key_id = text(names.access_key_id),
                           .secret_access_key = text(names.secret_access_key),
                           .session_token = text(names.session_token),
                           .expiration = text(names.expiration)},
                          what, std::move(source));
}

}  // namespace mikura

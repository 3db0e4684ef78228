#include "net/uri.h"

#include <algorithm>
#include <charconv>

namespace mikura {
namespace {

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_unreserved(char c) {
  return is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

enum class Plus { literal, space };

std::string decode(std::string_view text, Plus plus) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = i + 2 < text.size() && text[i] == '%' ? hex_value(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_value(text[i + 2]) : -1;
    if (low >= 0) {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += text[i] == '+' && plus == Plus::space ? ' ' : text[i];
    }
  }
  return out;
}

Error bad_endpoint(std::string_view text, std::string_view why) {
  // A part before '@' may be a password: such an address is not repeated.
  const std::string shown =
      text.find('@') == std::string_view::npos ? " '" + std::string(text) + "'" : "";
  return Error(Code::invalid, "the endpoint" + shown + " " + std::string(why))
      .with_hint("give it as https://host, https://host:port or http://127.0.0.1:9000");
}

bool valid_host(std::string_view host) {
  if (host.empty() || host.size() > 255) return false;
  if (host.front() == '[') {
    return host.size() > 3 && host.back() == ']' &&
           host.substr(1, host.size() - 2).find_first_not_of("0123456789abcdef:.") ==
               std::string_view::npos;
  }
  return host.front() != '-' && std::all_of(host.begin(), host.end(), [](char c) {
           return is_alphanumeric(c) || c == '-' || c == '.' || c == '_';
         });
}

bool valid_base_path(std::string_view path) {
  return std::all_of(path.begin(), path.end(),
                     [](char c) { return is_unreserved(c) || c == '/' || c == '%'; });
}

}  // namespace

std::string uri_encode(std::string_view bytes, Slash slash) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(bytes.size());
  for (const char c : bytes) {
    if (is_unreserved(c) || (c == '/' && slash == Slash::keep)) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    }
  }
  return out;
}

std::string uri_decode(std::string_view text) {
  return decode(text, Plus::literal);
}

std::string form_decode(std::string_view text) {
  return decode(text, Plus::space);
}

Result<Endpoint> Endpoint::parse(std::string_view text) {
  Endpoint endpoint;
  std::string_view rest = text;
  if (rest.starts_with("https://")) {
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    endpoint.tls = false;
    rest.remove_prefix(7);
  } else {
    return bad_endpoint(text, "does not start with https:// or http://");
  }
  endpoint.port = endpoint.tls ? 443 : 80;
  if (rest.find('@') != std::string_view::npos)
    return bad_endpoint(text, "must not hold a user name or password");
  if (rest.find_first_of("?#") != std::string_view::npos)
    return bad_endpoint(text, "must not hold a query");

  const std::size_t slash = rest.find('/');
  std::string_view authority = rest.substr(0, slash);
  if (slash != std::string_view::npos) endpoint.base_path = rest.substr(slash);
  while (endpoint.base_path.ends_with('/'))
    endpoint.base_path.pop_back();
  if (!valid_base_path(endpoint.base_path))
    return bad_endpoint(text, "has a path that is not percent-encoded");

  const std::size_t colon = authority.rfind(':');
  const std::size_t bracket = authority.rfind(']');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    const std::string_view digits = authority.substr(colon + 1);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), endpoint.port);
    if (error != std::errc() || end != digits.data() + digits.size() || endpoint.port == 0) {
      return bad_endpoint(text, "has a port that is not a number from 1 to 65535");
    }
    authority = authority.substr(0, colon);
  }
  endpoint.host = authority;
  for (char& c : endpoint.host) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  if (!valid_host(endpoint.host)) return bad_endpoint(text, "has no valid host name");
  return endpoint;
}

std::string Endpoint::origin() const {
  return (tls ? "https://" : "http://") + authority();
}

std::string Endpoint::authority() const {
  return port == (tls ? 443 : 80) ? host : host_and_port();
}

bool Endpoint::is_loopback() const {
  if (host == "localhost" || host.ends_with(".localhost") || host == "[::1]") return true;
  return host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string::npos;
}

}  // namespace mikura

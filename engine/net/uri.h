// URIs as S3 and SigV4 need them: percent-encoding by RFC 3986, and the address of a server.
//
// Pure. Thread-safety: plain values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mikura {

enum class Slash { encode, keep };

// Percent-encodes every byte but A-Z a-z 0-9 - . _ ~ (and '/' with Slash::keep), with upper-case
// digits.
std::string uri_encode(std::string_view bytes, Slash slash);

// Decodes %XX. A '%' that no two digits follow stays as it is.
std::string uri_decode(std::string_view text);

// As uri_decode, and '+' is a space: the form that ListObjectsV2 uses with encoding-type=url.
std::string form_decode(std::string_view text);

// Where a server is: "https://host[:port][/path]".
struct Endpoint {
  bool tls = true;
  std::string host;        // lower case; an IPv6 address in brackets
  std::uint16_t port = 0;  // 443 or 80 unless given
  std::string base_path;   // encoded, "" or "/path" without a slash at the end

  // Code::invalid, with what is wrong, for anything that is not an address of this form: another
  // scheme, user:password@, a query, a bad port.
  static Result<Endpoint> parse(std::string_view text);

  // "https://host", with the port unless it is the scheme's own: no path.
  std::string origin() const;
  // What the Host header says: host, with the port unless it is the scheme's own.
  std::string authority() const;
  // The text that parse() takes.
  std::string to_string() const { return origin() + base_path; }
  // For messages: always with the port.
  std::string host_and_port() const { return host + ":" + std::to_string(port); }
  // True for localhost, *.localhost, 127.0.0.0/8 and ::1.
  bool is_loopback() const;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

}  // namespace mikura

// HTTP requests and responses as values.
//
// Thread-safety: plain values. Invariants: header names are lower case; a request's path and query
// are already percent-encoded and go on the wire exactly as they are, because their bytes are
// signed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "net/uri.h"

namespace mikura {

struct HttpHeader {
  std::string name;
  std::string value;

  friend bool operator==(const HttpHeader&, const HttpHeader&) = default;
};

// Most of an answer that is not a success which is kept: enough for an error document.
inline constexpr std::uint64_t kMaxErrorBodyBytes = 64ULL << 10;

struct HttpRequest {
  std::string method;   // GET, PUT, DELETE, POST, HEAD
  Endpoint endpoint{};  // base_path is not used: `path` is complete
  std::string path = "/";
  std::string query{};  // without '?'
  std::vector<HttpHeader> headers{};
  ByteSpan body{};  // borrowed until send() returns; sent for PUT and POST
  // Code::corrupt if the body of a 2xx answer is larger. Other answers are cut at
  // kMaxErrorBodyBytes.
  std::uint64_t max_response_bytes = 1ULL << 20;
  // May be sent a second time, without the caller knowing, when a kept-alive connection turns out
  // to be dead. Not so for a conditional write: if the first one was carried out, the second would
  // answer that the condition is false.
  bool repeatable = true;

  std::string url() const;
};

struct HttpResponse {
  int status = 0;
  std::vector<HttpHeader> headers;
  Bytes body;

  bool ok() const { return status >= 200 && status < 300; }
  // The first header of that lower-case name.
  std::optional<std::string_view> header(std::string_view name) const;
};

}  // namespace mikura

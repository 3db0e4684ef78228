// The two XML documents that S3 sends us: the result of ListObjectsV2, and the error.
//
// Pure functions of untrusted bytes: any input gives a value or an error, document types and
// entities beyond the five of XML are not expanded, and what is kept is bounded. Thread-safety:
// plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mikura {

// 1000 names of 1024 bytes, each byte percent-encoded, and what surrounds them.
inline constexpr std::uint64_t kMaxListResultBytes = 8ULL << 20;

struct S3ListedObject {
  std::string key;  // decoded
  std::uint64_t size_bytes = 0;
  std::string etag;  // as it is written, with quotes
  std::int64_t modified_unix_ms = 0;
};

struct S3ListResult {
  std::vector<S3ListedObject> objects;
  std::string next_token;  // empty at the end
};

// Code::corrupt if it is no such document, lists more than 1000 objects, or says that there is more
// but not where.
Result<S3ListResult> parse_list_result(std::string_view xml);

// <Error>. Every part may be missing; each is cut to 1 KiB and holds printable characters only.
struct S3ErrorDocument {
  std::string code;     // "AccessDenied"
  std::string message;  // the server's words
  std::string region;
  std::string endpoint;
  std::string server_time;
};

// nullopt if it is no such document.
std::optional<S3ErrorDocument> parse_error_document(std::string_view xml);

}  // namespace mikura

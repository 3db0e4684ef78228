// From what an S3 server answered to what the caller of a BlobStore can do about it.
//
// Pure. The words name the object, the permission that is missing and the next step; the server's
// own code is kept in parentheses so that it can be looked up.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http.h"
#include "net/s3_xml.h"

namespace mikura {

enum class S3Operation { get, put, put_if_absent, put_if_match, remove, remove_if_match, list };

struct S3Failure {
  S3Operation operation = S3Operation::get;
  std::string name;  // in the store
  std::string bucket;
  std::string key;            // in the bucket
  std::string server;         // "host:port"
  std::string access_key_id;  // whose rights were not enough
  int status = 0;
  std::optional<S3ErrorDocument> document{};
  std::chrono::milliseconds retry_after{0};
};

Error s3_error(const S3Failure& failure);

// What a Retry-After header asks for, at most five minutes; `now` is for its form as a date. Zero
// if there is none.
std::chrono::milliseconds retry_after(const HttpResponse& response, std::int64_t now_unix_seconds);

}  // namespace mikura

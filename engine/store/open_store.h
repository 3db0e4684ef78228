// StoreUrl and open_store: from what the user types to a ready, decorated store.
//
//   file:///absolute/path
//   s3://bucket[/prefix][?endpoint=http://127.0.0.1:9000&region=us-east-1&path_style=true&profile=NAME]
//
// Assembled here and nowhere else: trace(retry(limit(s3))) for s3://, trace(dir_store) for file://.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "net/credentials.h"
#include "store/blob_store.h"

namespace mikura {

struct StoreUrl {
  enum class Scheme { file, s3 };
  Scheme scheme = Scheme::file;
  std::string path;      // file: absolute path
  std::string bucket;    // s3
  std::string prefix;    // s3: without leading or trailing '/', may be empty
  std::string endpoint;  // s3: "http://host:port" or "https://host"; empty = AWS
  std::string region;    // s3: empty = from the environment or the profile, else us-east-1
  std::string profile;   // s3: empty = from the environment, else "default"
  // s3: unset = path style with a custom endpoint, virtual-host style on AWS
  std::optional<bool> path_style;

  // Code::invalid with an example of a right URL. Rejects user:password@ and unknown parameters.
  static Result<StoreUrl> parse(std::string_view text);
  // The canonical text: parse(to_string()) is the same value.
  std::string to_string() const;

  friend bool operator==(const StoreUrl&, const StoreUrl&) = default;
};

// One request as the trace decorator saw it. Names only, never bodies or credentials.
struct StoreRequest {
  std::string verb;  // "get", "get_range", "put", "remove", "list", "flush"
  std::string name;
  std::uint64_t sent_bytes = 0;
  std::uint64_t received_bytes = 0;
  std::int64_t duration_us = 0;
  std::string outcome;  // "ok", "unchanged" or the code's name
};
using StoreTrace = std::function<void(const StoreRequest&)>;

struct OpenStoreOptions {
  StoreTrace trace;  // called after each request, from any thread; may be empty
  unsigned max_concurrent_requests = 64;
  bool create_directory = false;  // file://: make the folder (init); else it must exist
  Clock* clock = nullptr;         // system_clock() if null
  // s3://: who is asked for the code of an MFA device, and who is told where credentials came from.
  MfaPrompt mfa{};
  std::shared_ptr<MfaSessions> mfa_sessions{};
  CredentialObserver on_credentials{};
};

// Does no request yet. Code::no_credentials, Code::not_found (file:// folder), Code::invalid.
Result<std::unique_ptr<BlobStore>> open_store(const StoreUrl& url, OpenStoreOptions options);

}  // namespace mikura

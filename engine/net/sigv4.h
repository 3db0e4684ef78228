// AWS Signature Version 4 in request headers (docs.aws.amazon.com, "Signature Version 4 signing
// process").
//
// The functions are pure: they take the bytes that go on the wire and answer text. Signer puts them
// together for one service and keeps the signing key of the day.
//
// Thread-safety: functions from any thread; a Signer for concurrent use.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/guarded.h"
#include "crypto/secret_key.h"
#include "net/credentials.h"
#include "net/http.h"

namespace mikura {

using SigningKey = SecretKey<struct SigV4SigningKeyTag>;

// How the path on the wire becomes the canonical path.
enum class PathStyle {
  verbatim,            // S3: as it is
  encoded,             // other services: every segment is encoded once more
  normalized_encoded,  // other services: "." and ".." are resolved and "//" joined before
};

struct SigningScope {
  std::string day;  // "20130524"
  std::string region;
  std::string service;

  std::string to_string() const { return day + "/" + region + "/" + service + "/aws4_request"; }
  friend bool operator==(const SigningScope&, const SigningScope&) = default;
};

// What is signed. Paths, queries and header names as in HttpRequest.
struct CanonicalInput {
  std::string_view method;
  std::string_view path;
  std::string_view query;
  std::vector<HttpHeader>
      headers;  // all that are to be signed, in any order, names lower-case, also "host"
  std::string_view payload_sha256;  // what x-amz-content-sha256 says
};

std::string canonical_path(std::string_view path, PathStyle style);
std::string canonical_query(std::string_view query);
// "host;x-amz-date": sorted, each name once.
std::string signed_header_names(const std::vector<HttpHeader>& headers);
std::string canonical_request(const CanonicalInput& input, PathStyle style);
std::string string_to_sign(std::string_view amz_date, const SigningScope& scope,
                           std::string_view canonical_request);
SigningKey derive_signing_key(const SecretBytes& secret_access_key, const SigningScope& scope);
// 64 hexadecimal digits.
std::string compute_signature(const SigningKey& key, std::string_view string_to_sign);
// The value of the Authorization header.
std::string authorization(std::string_view access_key_id, const SigningScope& scope,
                          std::string_view header_names, std::string_view signature);

// Signs for one service.
class Signer {
 public:
  explicit Signer(std::string service) : service_(std::move(service)) {}

  // Adds host, x-amz-date, x-amz-content-sha256, x-amz-security-token (with temporary credentials)
  // and authorization, which covers all headers of the request. To sign a request again, start from
  // the unsigned one.
  void sign(HttpRequest& request, const Credentials& credentials, const std::string& region,
            std::int64_t unix_seconds);

 private:
  struct CachedKey {
    std::string access_key_id;
    SigningScope scope;
    ByteArray<32> secret_hash{};  // two secrets may share an id, when one replaces the other
    std::shared_ptr<const SigningKey> key;
  };

  std::shared_ptr<const SigningKey> key_for(const Credentials& credentials,
                                            const SigningScope& scope);

  const std::string service_;
  Guarded<CachedKey> cached_;
};

}  // namespace mikura

#include "testing/fake_s3_auth.h"

#include <cstdlib>
#include <set>
#include <vector>

#include "crypto/hash.h"
#include "net/sigv4.h"
#include "net/timestamp.h"
#include "testing/fake_s3_answers.h"

namespace mikura {
namespace {

constexpr std::int64_t kMaxSkewSeconds = 900;

// The text between `begin` and the next comma of an Authorization header.
std::string part_of(const std::string& authorization, const std::string& begin) {
  const std::size_t at = authorization.find(begin);
  if (at == std::string::npos) return {};
  const std::size_t start = at + begin.size();
  return authorization.substr(start, authorization.find(',', start) - start);
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::optional<ServedResponse> check_signature(
    const ServedRequest& request, const FakeS3Options& options, const std::string& amz_date,
    const std::string& credential, const std::string& signed_names, const std::string& signature) {
  const std::string payload_sha256 = request.header("x-amz-content-sha256");
  if (payload_sha256 != sha256(as_bytes(request.body)).hex()) {
    return s3_error_answer(
        400, "XAmzContentSHA256Mismatch",
        "The provided 'x-amz-content-sha256' header does not match what was computed.");
  }
  const std::vector<std::string> names = split(signed_names, ';');
  const std::set<std::string> covered(names.begin(), names.end());
  std::vector<HttpHeader> headers;
  for (const HttpHeader& header : request.headers) {
    const bool must_be_signed = header.name == "host" || header.name.starts_with("x-amz-") ||
                                header.name.starts_with("if-") || header.name == "range";
    if (covered.contains(header.name)) {
      headers.push_back(header);
    } else if (must_be_signed) {
      return s3_error_answer(403, "AccessDenied",
                             "There were headers present in the request which were not signed");
    }
  }
  const std::vector<std::string> scope = split(credential, '/');
  const SigningScope signing_scope{.day = scope[1], .region = scope[2], .service = scope[3]};
  const CanonicalInput input{.method = request.method,
                             .path = request.path,
                             .query = request.query,
                             .headers = headers,
                             .payload_sha256 = payload_sha256};
  const std::string text =
      string_to_sign(amz_date, signing_scope, canonical_request(input, PathStyle::verbatim));
  const SecretBytes secret(as_bytes(options.secret_access_key));
  if (compute_signature(derive_signing_key(secret, signing_scope), text) != signature) {
    return s3_error_answer(
        403, "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided.");
  }
  return std::nullopt;
}

}  // namespace

std::optional<ServedResponse> refuse_unless_signed(const ServedRequest& request,
                                                   const FakeS3Options& options,
                                                   const std::string& session_token,
                                                   std::int64_t now_ms) {
  const std::string authorization = request.header("authorization");
  if (!authorization.starts_with("AWS4-HMAC-SHA256 "))
    return s3_error_answer(403, "AccessDenied", "Access Denied");
  const std::string credential = part_of(authorization, "Credential=");
  const std::vector<std::string> scope = split(credential, '/');
  const std::string amz_date = request.header("x-amz-date");
  const auto date = parse_amz_date(amz_date);
  if (scope.size() != 5 || !date || scope[1] != amz_date.substr(0, 8) || scope[3] != "s3" ||
      scope[4] != "aws4_request") {
    return s3_error_answer(400, "AuthorizationHeaderMalformed",
                           "The authorization header is malformed.");
  }
  if (scope[0] != options.access_key_id) {
    return s3_error_answer(403, "InvalidAccessKeyId",
                           "The AWS Access Key Id you provided does not exist in our records.");
  }
  if (request.header("x-amz-security-token") != session_token) {
    return s3_error_answer(400, "ExpiredToken", "The provided token has expired.");
  }
  if (scope[2] != options.region) {
    if (!options.redirects_by_301) {
      return s3_error_answer(400, "AuthorizationHeaderMalformed",
                             "The authorization header is malformed; the region '" + scope[2] +
                                 "' is wrong; expecting '" + options.region + "'",
                             "<Region>" + options.region + "</Region>");
    }
    ServedResponse moved = s3_error_answer(
        301, "PermanentRedirect", "The bucket must be addressed using the specified endpoint.");
    moved.headers.push_back({"x-amz-bucket-region", options.region});
    moved.headers.push_back({"Location", "http://127.0.0.1:9/nowhere"});
    return moved;
  }
  if (std::abs(*date - now_ms / 1000) > kMaxSkewSeconds) {
    return s3_error_answer(
        403, "RequestTimeTooSkewed",
        "The difference between the request time and the current time is too large.",
        "<ServerTime>" + format_iso8601_ms(now_ms) +
            "</ServerTime><MaxAllowedSkewMilliseconds>900000</MaxAllowedSkewMilliseconds>");
  }
  return check_signature(request, options, amz_date, credential,
                         part_of(authorization, "SignedHeaders="),
                         part_of(authorization, "Signature="));
}

}  // namespace mikura

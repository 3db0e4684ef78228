#include "store/s3_errors.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "net/timestamp.h"
#include "store/store_errors.h"

namespace mikura {
namespace {

using Operation = S3Operation;

// What the caller can do, told apart by the server's code or, where it gives none, by the status.
enum class Kind {
  missing_object,
  missing_bucket,
  condition_failed,
  try_again,
  not_implemented,
  access_denied,
  unknown_key,
  expired_token,
  bad_signature,
  wrong_clock,
  wrong_region,
  archived,
  no_space,
  proxy,
  not_s3,
  refused,
};

struct CodeKind {
  std::string_view code;
  Kind kind;
};

constexpr std::array kKindOfCode = {
    CodeKind{"NoSuchKey", Kind::missing_object},
    CodeKind{"NoSuchBucket", Kind::missing_bucket},
    CodeKind{"PreconditionFailed", Kind::condition_failed},
    CodeKind{"ConditionalRequestConflict", Kind::try_again},
    CodeKind{"OperationAborted", Kind::try_again},
    CodeKind{"SlowDown", Kind::try_again},
    CodeKind{"SlowDownRead", Kind::try_again},
    CodeKind{"SlowDownWrite", Kind::try_again},
    CodeKind{"ServiceUnavailable", Kind::try_again},
    CodeKind{"InternalError", Kind::try_again},
    CodeKind{"RequestTimeout", Kind::try_again},
    CodeKind{"TooManyRequests", Kind::try_again},
    CodeKind{"TemporaryRedirect", Kind::try_again},
    CodeKind{"IncompleteBody", Kind::try_again},
    CodeKind{"BadDigest", Kind::try_again},
    CodeKind{"XAmzContentSHA256Mismatch", Kind::try_again},
    CodeKind{"NotImplemented", Kind::not_implemented},
    CodeKind{"AccessDenied", Kind::access_denied},
    CodeKind{"AllAccessDisabled", Kind::access_denied},
    CodeKind{"AccountProblem", Kind::access_denied},
    CodeKind{"InvalidAccessKeyId", Kind::unknown_key},
    CodeKind{"InvalidToken", Kind::unknown_key},
    CodeKind{"InvalidTokenId", Kind::unknown_key},
    CodeKind{"InvalidClientTokenId", Kind::unknown_key},
    CodeKind{"XAdminUserNotFound", Kind::unknown_key},
    CodeKind{"ExpiredToken", Kind::expired_token},
    CodeKind{"ExpiredTokenException", Kind::expired_token},
    CodeKind{"TokenRefreshRequired", Kind::expired_token},
    CodeKind{"SignatureDoesNotMatch", Kind::bad_signature},
    CodeKind{"RequestTimeTooSkewed", Kind::wrong_clock},
    CodeKind{"RequestExpired", Kind::wrong_clock},
    CodeKind{"PermanentRedirect", Kind::wrong_region},
    CodeKind{"AuthorizationHeaderMalformed", Kind::wrong_region},
    CodeKind{"IllegalLocationConstraintException", Kind::wrong_region},
    CodeKind{"InvalidObjectState", Kind::archived},
    CodeKind{"QuotaExceeded", Kind::no_space},
    CodeKind{"EntityTooLarge", Kind::no_space},
    CodeKind{"XMinioStorageFull", Kind::no_space},
    CodeKind{"XMinioAdminBucketQuotaExceeded", Kind::no_space},
};

Kind kind_of_status(int status) {
  switch (status) {
    case 301:
      return Kind::wrong_region;
    case 304:
    case 412:
      return Kind::condition_failed;
    case 401:
    case 403:
      return Kind::access_denied;
    case 404:
      return Kind::not_s3;
    case 407:
      return Kind::proxy;
    case 408:
    case 409:
    case 425:
    case 429:
      return Kind::try_again;
    case 413:
    case 507:
      return Kind::no_space;
    case 501:
      return Kind::not_implemented;
    default:
      return status >= 500 ? Kind::try_again : Kind::refused;
  }
}

Kind kind_of(const S3Failure& failure) {
  if (failure.document) {
    const auto* const known =
        std::find_if(kKindOfCode.begin(), kKindOfCode.end(),
                     [&](const CodeKind& entry) { return entry.code == failure.document->code; });
    if (known != kKindOfCode.end()) return known->kind;
  }
  const Kind kind = kind_of_status(failure.status);
  // With a document in S3's form it is S3 that answers, even if the code is new to us.
  return kind == Kind::not_s3 && failure.document ? Kind::refused : kind;
}

std::string_view doing(Operation operation) {
  switch (operation) {
    case Operation::get:
      return "reading";
    case Operation::put:
    case Operation::put_if_absent:
    case Operation::put_if_match:
      return "writing";
    case Operation::remove:
    case Operation::remove_if_match:
      return "removing";
    case Operation::list:
      return "listing";
  }
  return "using";
}

std::string_view permissions(Operation operation) {
  switch (operation) {
    case Operation::get:
      return "s3:GetObject";
    case Operation::put:
    case Operation::put_if_absent:
      return "s3:PutObject";
    case Operation::put_if_match:
      return "s3:PutObject and s3:GetObject";
    case Operation::remove:
      return "s3:DeleteObject";
    case Operation::remove_if_match:
      return "s3:DeleteObject and s3:GetObject";
    case Operation::list:
      return "s3:ListBucket";
  }
  return "";
}

std::string location(const S3Failure& failure) {
  return "s3://" + failure.bucket + (failure.key.empty() ? "" : "/" + failure.key);
}

// "reading s3://bucket/key".
std::string what_failed(const S3Failure& failure) {
  return std::string(doing(failure.operation)) + " " + location(failure);
}

// "403 AccessDenied".
std::string answer(const S3Failure& failure) {
  std::string out = std::to_string(failure.status);
  if (failure.document && !failure.document->code.empty()) out += " " + failure.document->code;
  return out;
}

std::string with_server_words(const S3Failure& failure) {
  std::string out = " (" + answer(failure);
  if (failure.document && !failure.document->message.empty())
    out += ": " + failure.document->message;
  return out + ")";
}

Error access_denied(const S3Failure& failure) {
  std::string hint =
      "grant " + std::string(permissions(failure.operation)) + " on arn:aws:s3:::" + failure.bucket;
  if (failure.operation != Operation::list) hint += "/" + failure.key;
  hint += " to the owner of access key " + failure.access_key_id;
  if (failure.operation == Operation::get) {
    hint +=
        "; if there is no such object, S3 says so only to those who have s3:ListBucket on the "
        "bucket";
  }
  return Error(Code::denied, what_failed(failure) + " is denied" + with_server_words(failure))
      .with_hint(hint);
}

Error condition_failed(const S3Failure& failure) {
  switch (failure.operation) {
    case Operation::put_if_absent:
      return object_exists(failure.name);
    case Operation::put_if_match:
    case Operation::remove_if_match:
      return object_changed(failure.name);
    case Operation::get:
    case Operation::put:
    case Operation::remove:
    case Operation::list:
      break;
  }
  return {Code::corrupt, what_failed(failure) + " failed by a condition that was not asked for" +
                             with_server_words(failure)};
}

Error missing_object(const S3Failure& failure) {
  if (failure.operation == Operation::put_if_match) return object_changed(failure.name);
  if (failure.operation == Operation::get) return object_not_found(failure.name);
  return {Code::corrupt, what_failed(failure) + " failed because the object is missing" +
                             with_server_words(failure)};
}

Error wrong_region(const S3Failure& failure) {
  const std::string region = failure.document ? failure.document->region : std::string();
  Error error(Code::invalid, "the bucket " + failure.bucket +
                                 " is not in the region that was asked" +
                                 with_server_words(failure));
  if (region.empty()) return std::move(error).with_hint("name the bucket's region with region=...");
  return std::move(error).with_hint("the server names the region " + region +
                                    ": set region=" + region);
}

}  // namespace

Error s3_error(const S3Failure& failure) {
  const std::string what = what_failed(failure);
  switch (kind_of(failure)) {
    case Kind::missing_object:
      return missing_object(failure);
    case Kind::missing_bucket:
      return Error(Code::invalid, "there is no bucket " + failure.bucket + " at " + failure.server +
                                      " (" + answer(failure) + ")")
          .with_hint("create the bucket first, or correct its name or the endpoint");
    case Kind::condition_failed:
      return condition_failed(failure);
    case Kind::try_again:
      return Error(Code::transient,
                   what + " did not succeed at " + failure.server + with_server_words(failure))
          .with_retry_after(failure.retry_after)
          .with_hint("try again later");
    case Kind::not_implemented:
      return Error(Code::unsupported,
                   failure.server + " cannot do it: " + what + with_server_words(failure))
          .with_hint(
              "Mikura needs conditional writes (If-None-Match, If-Match): see docs/s3.md for "
              "servers that have them");
    case Kind::access_denied:
      return access_denied(failure);
    case Kind::unknown_key:
      return Error(Code::no_credentials, failure.server + " does not know the access key " +
                                             failure.access_key_id + " (" + answer(failure) + ")")
          .with_hint(
              "check AWS_ACCESS_KEY_ID, the profile and the endpoint: do they belong together?");
    case Kind::expired_token:
      return Error(Code::no_credentials, "the temporary credentials of access key " +
                                             failure.access_key_id + " have expired (" +
                                             answer(failure) + ")")
          .with_hint("get new ones, for example with `aws sso login`, and try again");
    case Kind::bad_signature:
      return Error(Code::denied, failure.server + " does not accept the signature of access key " +
                                     failure.access_key_id + " (" + answer(failure) + ")")
          .with_hint(
              "the secret access key is probably not the one of this access key id; a proxy that "
              "changes "
              "requests has the same effect");
    case Kind::wrong_clock:
      return Error(Code::denied, "the clock of this machine is too far from that of " +
                                     failure.server + " (" + answer(failure) + ")")
          .with_hint("set the clock");
    case Kind::wrong_region:
      return wrong_region(failure);
    case Kind::archived:
      return Error(Code::denied,
                   what + " is not possible: the object is archived (" + answer(failure) + ")")
          .with_hint(
              "restore it from the archive, and exempt this prefix from lifecycle rules that "
              "archive");
    case Kind::no_space:
      return Error(Code::full, what + " failed: there is no room left" + with_server_words(failure))
          .with_hint("raise the quota of the bucket, or free space on the server");
    case Kind::proxy:
      return Error(Code::denied, "the HTTP proxy asks for a user and a password (407)")
          .with_hint("correct https_proxy, or add the endpoint to no_proxy");
    case Kind::not_s3:
      return Error(Code::invalid, failure.server + " does not answer as an S3 server: " + what +
                                      " gave 404 without an S3 error")
          .with_hint("check the endpoint and path_style");
    case Kind::refused:
      break;
  }
  return Error(Code::invalid,
               what + " was refused by " + failure.server + with_server_words(failure))
      .with_hint("check the endpoint, the bucket and the region");
}

std::chrono::milliseconds retry_after(const HttpResponse& response, std::int64_t now_unix_seconds) {
  constexpr std::int64_t kMaxSeconds = 300;
  const auto header = response.header("retry-after");
  if (!header) return std::chrono::milliseconds(0);
  std::int64_t seconds = 0;
  const auto [end, error] =
      std::from_chars(header->data(), header->data() + header->size(), seconds);
  if (error != std::errc() || end != header->data() + header->size()) {
    const auto date = parse_http_date(*header);
    seconds = date ? *date - now_unix_seconds : 0;
  }
  return std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, kMaxSeconds));
}

}  // namespace mikura

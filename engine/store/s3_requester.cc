#include "store/s3_requester.h"

#include <cstdlib>
#include <utility>

#include "base/log.h"
#include "crypto/hash.h"
#include "net/timestamp.h"

namespace mikura {
namespace {

// A clock that is further off is to be set: signatures for far-away days are not given away.
constexpr std::int64_t kMaxClockOffsetSeconds = 7 * 24 * 3600;

bool same_credentials(const Credentials& a, const Credentials& b) {
  return a.access_key_id == b.access_key_id &&
         equal_constant_time(a.secret_access_key.expose(), b.secret_access_key.expose()) &&
         equal_constant_time(a.session_token.expose(), b.session_token.expose());
}

bool means_other_region(int status, std::string_view code) {
  return status == 301 || status == 307 || code == "PermanentRedirect" ||
         code == "AuthorizationHeaderMalformed" || code == "IllegalLocationConstraintException";
}

}  // namespace

S3Requester::S3Requester(S3Address address, HttpClientOptions http,
                         std::unique_ptr<CredentialProvider> credentials,
                         std::uint64_t bytes_per_second, Clock& clock)
    : address_(std::move(address)),
      http_(std::move(http)),
      credentials_(std::move(credentials)),
      clock_(clock),
      bandwidth_(bytes_per_second, clock),
      region_(address_.region()) {}

std::string S3Requester::region() const {
  return region_.with([](const std::string& region) { return region; });
}

std::int64_t S3Requester::now_unix_seconds() {
  return clock_.unix_ns() / 1'000'000'000 + clock_offset_seconds_.load();
}

HttpRequest S3Requester::prepare(const S3Request& request, const Credentials& credentials,
                                 const std::string& region) {
  S3Target target = address_.target(request.key, region);
  HttpRequest http{.method = request.method,
                   .endpoint = std::move(target.endpoint),
                   .path = std::move(target.path),
                   .query = request.query,
                   .headers = request.headers,
                   .body = request.body,
                   .max_response_bytes = request.max_response_bytes,
                   .repeatable = request.repeatable};
  signer_.sign(http, credentials, region, now_unix_seconds());
  return http;
}

Result<S3Answer> S3Requester::send(const S3Request& request, std::stop_token stop) {
  Corrected corrected;
  for (;;) {
    TRY(bandwidth_.pass(request.body.size(), stop));
    TRY_ASSIGN(const std::shared_ptr<const Credentials> credentials, credentials_->get(stop));
    const std::string used_region = region();
    const HttpRequest http = prepare(request, *credentials, used_region);
    TRY_ASSIGN(HttpResponse response, http_.send(http, stop));
    // Not after a conditional write: its answer must not get lost in a wait.
    if (request.body.empty()) TRY(bandwidth_.pass(response.body.size(), stop));
    if (log_enabled(LogLevel::debug)) {
      log_debug(http.method + " " + http.endpoint.origin() + http.path + ": " +
                std::to_string(response.status) + ", request " +
                std::string(response.header("x-amz-request-id").value_or("without an id")));
    }
    if (!correct(response, *credentials, used_region, corrected, stop)) {
      return S3Answer{.response = std::move(response),
                      .access_key_id = credentials->access_key_id,
                      .server = http.endpoint.host_and_port()};
    }
  }
}

bool S3Requester::correct(const HttpResponse& response, const Credentials& used,
                          const std::string& used_region, Corrected& corrected,
                          const std::stop_token& stop) {
  const int status = response.status;
  if (status != 301 && status != 307 && status != 400 && status != 401 && status != 403)
    return false;
  const S3ErrorDocument document =
      parse_error_document(as_text(response.body)).value_or(S3ErrorDocument());
  const std::string& code = document.code;
  if (means_other_region(status, code)) {
    return !std::exchange(corrected.region, true) &&
           correct_region(response, document, used_region);
  }
  if (code == "RequestTimeTooSkewed" || code == "RequestExpired") {
    return !std::exchange(corrected.clock, true) && correct_clock(response, document);
  }
  if (code == "ExpiredToken" || code == "ExpiredTokenException" || code == "TokenRefreshRequired" ||
      code == "InvalidAccessKeyId" || code == "InvalidToken" || code == "InvalidTokenId") {
    return !std::exchange(corrected.credentials, true) && renew_credentials(used, stop);
  }
  return false;
}

bool S3Requester::correct_region(const HttpResponse& response, const S3ErrorDocument& document,
                                 const std::string& used_region) {
  std::string right(response.header("x-amz-bucket-region").value_or(document.region));
  if (!valid_region(right) || right == used_region) return false;
  log_info("the bucket " + address_.bucket() + " is in region " + right + ", not " + used_region);
  region_.with([&](std::string& region) { region = std::move(right); });
  return true;
}

bool S3Requester::correct_clock(const HttpResponse& response, const S3ErrorDocument& document) {
  std::optional<std::int64_t> server_seconds;
  if (const auto date = response.header("date")) server_seconds = parse_http_date(*date);
  if (!server_seconds) {
    const auto server_ms = parse_iso8601_ms(document.server_time);
    if (server_ms) server_seconds = *server_ms / 1000;
  }
  if (!server_seconds) return false;
  const std::int64_t offset = *server_seconds - clock_.unix_ns() / 1'000'000'000;
  if (std::abs(offset) > kMaxClockOffsetSeconds) return false;
  log_info("the clock of this machine differs from the server's by " + std::to_string(offset) +
           " s");
  clock_offset_seconds_ = offset;
  return true;
}

bool S3Requester::renew_credentials(const Credentials& used, const std::stop_token& stop) {
  credentials_->discard(used);
  const auto renewed = credentials_->get(stop);
  return renewed && !same_credentials(used, **renewed);
}

}  // namespace mikura

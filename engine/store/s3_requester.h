// S3Requester: sends signed requests to one bucket and puts right what can be put right without the
// caller.
//
// A refusal that says how to do better is answered once with a corrected request: another region
// (re-signed, and for AWS sent to that region's host; redirects are never followed), a clock that
// is off (the difference is kept), temporary credentials that have run out (asked for anew).
// Everything else, also every error status, is the caller's.
//
// Thread-safety: any number of concurrent calls; what was learnt by one serves all.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "net/credentials.h"
#include "net/http_client.h"
#include "net/s3_xml.h"
#include "net/sigv4.h"
#include "store/bandwidth.h"
#include "store/s3_address.h"

namespace mikura {

struct S3Request {
  std::string method;
  std::string key{};  // empty: the bucket
  std::string query{};
  std::vector<HttpHeader> headers{};
  ByteSpan body{};
  std::uint64_t max_response_bytes = kMaxErrorBodyBytes;
  bool repeatable = true;  // as in HttpRequest
};

struct S3Answer {
  HttpResponse response;
  std::string access_key_id;  // that signed
  std::string server;         // "host:port"
};

class S3Requester {
 public:
  S3Requester(S3Address address, HttpClientOptions http,
              std::unique_ptr<CredentialProvider> credentials, std::uint64_t bytes_per_second,
              Clock& clock);

  Result<S3Answer> send(const S3Request& request, std::stop_token stop);

  const S3Address& address() const { return address_; }
  std::string region() const;
  // The time by the server's clock, as far as it is known.
  std::int64_t now_unix_seconds();

 private:
  // What was put right for one request: each thing at most once.
  struct Corrected {
    bool region = false;
    bool clock = false;
    bool credentials = false;
  };

  HttpRequest prepare(const S3Request& request, const Credentials& credentials,
                      const std::string& region);
  // True if it is worth sending the request again.
  bool correct(const HttpResponse& response, const Credentials& used,
               const std::string& used_region, Corrected& corrected, const std::stop_token& stop);
  bool correct_region(const HttpResponse& response, const S3ErrorDocument& document,
                      const std::string& used_region);
  bool correct_clock(const HttpResponse& response, const S3ErrorDocument& document);
  bool renew_credentials(const Credentials& used, const std::stop_token& stop);

  const S3Address address_;
  HttpClient http_;
  const std::unique_ptr<CredentialProvider> credentials_;
  Clock& clock_;
  Bandwidth bandwidth_;
  Signer signer_{"s3"};
  Guarded<std::string> region_;
  std::atomic<std::int64_t> clock_offset_seconds_ = 0;
};

}  // namespace mikura

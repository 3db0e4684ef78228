// HttpClient: sends one HTTP/1.1 request and waits for the whole answer; the only user of libcurl.
//
// Concurrency is the callers' threads (base/task_group.h): each call of send() borrows one
// connection from the client's pool for its time, so there are never more connections than there
// were concurrent calls. Connections are kept alive and used again, newest first, and dropped when
// they were idle for 25 s.
//
// Never follows a redirect (a signature is good for one host only), never decompresses, speaks
// nothing but http and https, and writes neither headers nor bodies anywhere. Proxies are taken
// from the environment as curl does (https_proxy, no_proxy, ...), except that loopback addresses
// are always reached directly.
//
// Thread-safety: any number of concurrent calls. Invariant: after send() returned, nothing refers
// to the request.
#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "base/result.h"
#include "net/http.h"

namespace mikura {

// Services of the machine itself are never asked through a proxy.
enum class ProxyUse { from_environment, never };

struct HttpClientOptions {
  std::chrono::milliseconds connect_timeout{10'000};  // name look-up, TCP and TLS
  // From the end of the request to the first byte of the answer; a second more for each MiB that
  // was sent.
  std::chrono::milliseconds first_byte_timeout{15'000};
  // No byte either way for this long, or fewer than 64 a second for longer than this.
  std::chrono::milliseconds stall_timeout{30'000};
  std::chrono::milliseconds total_timeout{0};  // 0 = none
  std::string ca_bundle{};  // PEM file of trusted authorities; empty = the system's
  std::string user_agent = "mikura";
  ProxyUse proxy = ProxyUse::from_environment;
};

class HttpClient {
 public:
  explicit HttpClient(HttpClientOptions options = {});
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // The answer, of any status. Errors are only those of the way there:
  // Code::transient   no connection, a time-out, or the connection broke; the server may have
  // carried the request out Code::denied      the server's certificate is not trusted, or the proxy
  // refuses Code::corrupt
  // the answer is no HTTP, or its body is larger than request.max_response_bytes Code::cancelled
  // `stop` was requested: noticed within milliseconds, at any stage Code::invalid     the request
  // cannot be sent (a header with a line break, an unreadable ca_bundle)
  Result<HttpResponse> send(const HttpRequest& request, std::stop_token stop);

 private:
  class Connection;

  std::unique_ptr<Connection> borrow();

  const HttpClientOptions options_;
  Guarded<std::vector<std::unique_ptr<Connection>>> idle_;
};

}  // namespace mikura

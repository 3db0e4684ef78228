// A small HTTP/1.1 server on loopback whose answers, good and bad, a test makes up. For tests only.
//
// Each connection has a thread; all are joined by the destructor. The handler is called from those
// threads, also concurrently. Strict in what it reads: what is not the plainest HTTP is answered
// with 400 and the connection is closed.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/file.h"
#include "net/http.h"
#include "testing/tls_identity.h"

namespace mikura {

struct ServedRequest {
  std::string method;
  std::string path;   // as it was on the wire
  std::string query;  // as it was on the wire, without '?'
  std::vector<HttpHeader> headers;
  std::string body;
  std::uint64_t connection = 0;  // counted from 1

  // The value of the first header of that lower-case name; empty if there is none.
  std::string header(std::string_view name) const;
};

struct ServedResponse {
  // What happens instead of the whole answer.
  enum class Wire {
    whole,
    none,     // the connection is closed without a byte
    cut,      // closed in the middle of the body
    stall,    // the head and half of the body are sent, then nothing, until the client goes away
    mute,     // nothing is sent until the client goes away
    chunked,  // the body has no length but is sent in chunks
    raw,      // `body` is all that is sent
  };
  int status = 200;
  std::vector<HttpHeader> headers{};
  std::string body{};
  Wire wire = Wire::whole;
  bool close = false;  // after the answer, without saying so before
};

class HttpServer {
 public:
  using Handler = std::function<ServedResponse(const ServedRequest&)>;

  // Over TLS if there is an identity, which must outlive the server.
  explicit HttpServer(Handler handler, const TlsIdentity* identity = nullptr);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::uint16_t port() const { return port_; }
  std::string endpoint() const {
    return (identity_ != nullptr ? "https://127.0.0.1:" : "http://127.0.0.1:") +
           std::to_string(port_);
  }
  std::uint64_t connections() const { return connection_count_.load(); }
  std::uint64_t requests() const { return request_count_.load(); }
  // Closes all connections, as a server does with idle ones.
  void close_connections();

 private:
  class Stream;
  class Reader;
  struct Connection {
    Fd socket;
    std::uint64_t number = 0;
    std::atomic<bool> ended = false;
    std::jthread thread;
  };

  void accept_all();
  void serve(Connection& connection);
  static bool answer(Stream& stream, const ServedRequest& request, const ServedResponse& response);

  const Handler handler_;
  const TlsIdentity* const identity_;
  Fd listener_;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<std::uint64_t> connection_count_ = 0;
  std::atomic<std::uint64_t> request_count_ = 0;
  std::mutex mutex_;                   // guards connections_
  std::list<Connection> connections_;  // a list: threads refer to their elements
  std::jthread acceptor_;
};

}  // namespace mikura

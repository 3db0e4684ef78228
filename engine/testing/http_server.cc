#include "testing/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/check.h"

namespace mikura {
namespace {

constexpr std::size_t kMaxHeadBytes = 64 << 10;
constexpr std::size_t kMaxBodyBytes = 64 << 20;

std::string head_of(const ServedResponse& response) {
  const bool chunked = response.wire == ServedResponse::Wire::chunked;
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " Reason\r\n";
  for (const HttpHeader& header : response.headers)
    head += header.name + ": " + header.value + "\r\n";
  if (chunked) {
    head += "Transfer-Encoding: chunked\r\n";
  } else if (response.status != 204 && response.status != 304) {
    head += "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
  }
  return head + "\r\n";
}

std::string in_chunks(std::string_view body) {
  std::string out;
  while (!body.empty()) {
    const std::string_view piece = body.substr(0, 1000);
    std::array<char, 17> digits{};
    const auto [end, error] =
        std::to_chars(digits.data(), digits.data() + digits.size(), piece.size(), 16);
    CHECK(error == std::errc());
    out += std::string(digits.data(), end) + "\r\n" + std::string(piece) + "\r\n";
    body.remove_prefix(piece.size());
  }
  return out + "0\r\n\r\n";
}

}  // namespace

// The bytes of one connection, plain or through TLS.
class HttpServer::Stream {
 public:
  Stream(int socket, const TlsIdentity* identity) : socket_(socket) {
    if (identity != nullptr) tls_.emplace(*identity, socket);
  }

  bool begin() { return !tls_ || tls_->handshake(); }

  long read(char* out, std::size_t size) {
    return tls_ ? tls_->read(out, size) : ::recv(socket_, out, size, 0);
  }

  bool write(std::string_view text) {
    if (tls_) return tls_->write(text);
    while (!text.empty()) {
      const ssize_t sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // Waits until the other side has gone, or the server ends the connection.
  void wait_for_end() {
    std::array<char, 4096> ignored{};
    while (read(ignored.data(), ignored.size()) > 0) {
    }
  }

 private:
  const int socket_;
  std::optional<TlsSession> tls_;
};

// Reads from one connection; keeps what was read beyond the current request.
class HttpServer::Reader {
 public:
  explicit Reader(Stream& stream) : stream_(stream) {}

  // nullopt at the end of the connection, or for what is no HTTP.
  std::optional<ServedRequest> next() {
    const auto head = read_head();
    if (!head) return std::nullopt;
    auto request = parse_head(*head);
    if (!request) return std::nullopt;
    if (!request->header("transfer-encoding").empty()) return std::nullopt;
    const std::string length_text = request->header("content-length");
    std::size_t length = 0;
    if (!length_text.empty()) {
      const auto [end, error] =
          std::from_chars(length_text.data(), length_text.data() + length_text.size(), length);
      if (error != std::errc() || end != length_text.data() + length_text.size() ||
          length > kMaxBodyBytes) {
        return std::nullopt;
      }
    }
    while (buffer_.size() < length) {
      if (!read_more()) return std::nullopt;
    }
    request->body = buffer_.substr(0, length);
    buffer_.erase(0, length);
    return request;
  }

 private:
  bool read_more() {
    std::array<char, 65536> piece{};
    const long got = stream_.read(piece.data(), piece.size());
    if (got <= 0) return false;
    buffer_.append(piece.data(), static_cast<std::size_t>(got));
    return true;
  }

  std::optional<std::string> read_head() {
    for (;;) {
      const std::size_t end = buffer_.find("\r\n\r\n");
      if (end != std::string::npos) {
        std::string head = buffer_.substr(0, end + 2);
        buffer_.erase(0, end + 4);
        return head;
      }
      if (buffer_.size() > kMaxHeadBytes || !read_more()) return std::nullopt;
    }
  }

  static std::optional<ServedRequest> parse_head(std::string_view head) {
    ServedRequest request;
    const auto take_line = [&head] {
      const std::size_t end = head.find("\r\n");
      const std::string_view line = head.substr(0, end);
      head.remove_prefix(end + 2);
      return line;
    };
    const std::string_view first = take_line();
    const std::size_t space = first.find(' ');
    const std::size_t last_space = first.rfind(' ');
    if (space == std::string_view::npos || last_space <= space ||
        first.substr(last_space) != " HTTP/1.1") {
      return std::nullopt;
    }
    request.method = first.substr(0, space);
    const std::string_view target = first.substr(space + 1, last_space - space - 1);
    const std::size_t question = target.find('?');
    request.path = target.substr(0, question);
    if (question != std::string_view::npos) request.query = target.substr(question + 1);
    while (!head.empty()) {
      const std::string_view line = take_line();
      const std::size_t colon = line.find(':');
      if (colon == std::string_view::npos || colon == 0) return std::nullopt;
      HttpHeader header{std::string(line.substr(0, colon)), std::string(line.substr(colon + 1))};
      std::transform(header.name.begin(), header.name.end(), header.name.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      });
      while (header.value.starts_with(' '))
        header.value.erase(0, 1);
      request.headers.push_back(std::move(header));
    }
    return request;
  }

  Stream& stream_;
  std::string buffer_;
};

std::string ServedRequest::header(std::string_view name) const {
  for (const HttpHeader& header : headers) {
    if (header.name == name) return header.value;
  }
  return {};
}

HttpServer::HttpServer(Handler handler, const TlsIdentity* identity)
    : handler_(std::move(handler)), identity_(identity) {
  listener_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  CHECK(listener_);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  CHECK(::listen(listener_.get(), 256) == 0);
  socklen_t size = sizeof address;
  CHECK(::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::jthread([this] { accept_all(); });
}

HttpServer::~HttpServer() {
  stopping_ = true;
  ::shutdown(listener_.get(), SHUT_RDWR);
  acceptor_.join();
  close_connections();
  connections_.clear();  // joins
}

void HttpServer::close_connections() {
  const std::lock_guard lock(mutex_);
  for (Connection& connection : connections_)
    ::shutdown(connection.socket.get(), SHUT_RDWR);
}

void HttpServer::accept_all() {
  for (;;) {
    const int socket = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
    if (stopping_) {
      if (socket >= 0) ::close(socket);
      return;
    }
    if (socket < 0) continue;
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const std::lock_guard lock(mutex_);
    connections_.remove_if([](const Connection& connection) { return connection.ended.load(); });
    Connection& connection = connections_.emplace_back();
    connection.socket.reset(socket);
    connection.number = ++connection_count_;
    connection.thread = std::jthread([this, &connection] {
      serve(connection);
      ::shutdown(connection.socket.get(), SHUT_RDWR);
      connection.ended = true;
    });
  }
}

void HttpServer::serve(Connection& connection) {
  sigset_t sigpipe;
  sigemptyset(&sigpipe);
  sigaddset(&sigpipe, SIGPIPE);
  CHECK(pthread_sigmask(SIG_BLOCK, &sigpipe, nullptr) ==
        0);  // TLS writes to sockets without MSG_NOSIGNAL
  Stream stream(connection.socket.get(), identity_);
  if (!stream.begin()) return;
  Reader reader(stream);
  while (auto request = reader.next()) {
    ++request_count_;
    request->connection = connection.number;
    if (!answer(stream, *request, handler_(*request))) return;
  }
}

bool HttpServer::answer(Stream& stream, const ServedRequest& request,
                        const ServedResponse& response) {
  const std::string head = head_of(response);
  const bool has_body =
      request.method != "HEAD" && response.status != 204 && response.status != 304;
  const std::string_view body = has_body ? std::string_view(response.body) : std::string_view();
  switch (response.wire) {
    case ServedResponse::Wire::whole:
      return stream.write(head + std::string(body)) && !response.close;
    case ServedResponse::Wire::chunked:
      return stream.write(head + in_chunks(body)) && !response.close;
    case ServedResponse::Wire::none:
      return false;
    case ServedResponse::Wire::cut:
      stream.write(head + std::string(body.substr(0, body.size() / 2)));
      return false;
    case ServedResponse::Wire::raw:
      stream.write(body);
      return false;
    case ServedResponse::Wire::stall:
      stream.write(head + std::string(body.substr(0, body.size() / 2)));
      stream.wait_for_end();
      return false;
    case ServedResponse::Wire::mute:
      stream.wait_for_end();
      return false;
  }
  return false;
}

}  // namespace mikura

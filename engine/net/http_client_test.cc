#include "net/http_client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <latch>
#include <set>
#include <thread>
#include <tuple>

#include "base/file.h"
#include "testing/http_server.h"
#include "testing/temp_folder.h"

namespace mikura {
namespace {

using Wire = ServedResponse::Wire;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

HttpRequest request_to(const HttpServer& server, const std::string& method = "GET") {
  return HttpRequest{
      .method = method, .endpoint = *Endpoint::parse(server.endpoint()), .path = "/a"};
}

ServedResponse text(std::string body) {
  return ServedResponse{.body = std::move(body)};
}

milliseconds since(steady_clock::time_point start) {
  return std::chrono::duration_cast<milliseconds>(steady_clock::now() - start);
}

TEST(HttpClient, SendsARequestAsItIsAndReadsTheAnswer) {
  Guarded<ServedRequest> seen;
  HttpServer server([&](const ServedRequest& request) {
    seen.with([&](ServedRequest& s) { s = request; });
    return ServedResponse{
        .status = 201, .headers = {{"X-Mixed-Case", "  Value "}}, .body = "answer"};
  });
  HttpClient client;
  HttpRequest request = request_to(server, "PUT");
  request.path = "/a/../b%2Fc//%20";
  request.query = "x=1&y=%2F";
  request.headers = {{"x-one", "1"}, {"x-empty", ""}};
  const std::string body("\0binary\xFF", 8);
  request.body = as_bytes(body);
  const auto response = client.send(request, {});
  ASSERT_TRUE(response) << response.error().message();
  EXPECT_EQ(response->status, 201);
  EXPECT_EQ(response->header("x-mixed-case"), "Value");
  EXPECT_EQ(response->header("absent"), std::nullopt);
  EXPECT_EQ(as_text(response->body), "answer");
  const ServedRequest got = seen.with([](const ServedRequest& s) { return s; });
  EXPECT_EQ(got.method, "PUT");
  EXPECT_EQ(got.path, "/a/../b%2Fc//%20");
  EXPECT_EQ(got.query, "x=1&y=%2F");
  EXPECT_EQ(got.body, body);
  EXPECT_EQ(got.header("x-one"), "1");
  EXPECT_EQ(got.header("content-length"), "8");
  std::set<std::string> names;
  for (const HttpHeader& header : got.headers)
    names.insert(header.name);
  EXPECT_EQ(names,
            (std::set<std::string>{"content-length", "host", "user-agent", "x-empty", "x-one"}))
      << "nothing is sent that was not asked for";
}

TEST(HttpClient, EveryMethodIsSentInItsForm) {
  HttpServer server([](const ServedRequest& request) {
    return text(request.method + " " + request.header("content-length") + " " + request.body);
  });
  HttpClient client;
  const std::string body = "body";
  for (const auto& [method, with_body, expected] :
       std::vector<std::tuple<std::string, bool, std::string>>{{"GET", false, "GET  "},
                                                               {"DELETE", false, "DELETE  "},
                                                               {"PUT", true, "PUT 4 body"},
                                                               {"PUT", false, "PUT 0 "},
                                                               {"POST", true, "POST 4 body"},
                                                               {"HEAD", false, ""},
                                                               {"GET", false, "GET  "}}) {
    HttpRequest request = request_to(server, method);
    if (with_body) request.body = as_bytes(body);
    const auto response = client.send(request, {});
    ASSERT_TRUE(response) << response.error().message();
    EXPECT_EQ(as_text(response->body), expected);
  }
  EXPECT_EQ(server.connections(), 1U);
}

TEST(HttpClient, LargeBodiesGoBothWays) {
  HttpServer server([](const ServedRequest& request) { return text(request.body); });
  HttpClient client;
  HttpRequest request = request_to(server, "PUT");
  std::string body(20 << 20, '\0');
  for (std::size_t i = 0; i < body.size(); ++i)
    body[i] = static_cast<char>(i * 2654435761U >> 13);
  request.body = as_bytes(body);
  request.max_response_bytes = body.size();
  const auto response = client.send(request, {});
  ASSERT_TRUE(response) << response.error().message();
  EXPECT_TRUE(as_text(response->body) == body);
}

TEST(HttpClient, KeepsOneConnectionForOneCaller) {
  HttpServer server(
      [](const ServedRequest& request) { return text(std::to_string(request.connection)); });
  HttpClient client;
  for (int i = 0; i < 50; ++i) {
    const auto response = client.send(request_to(server), {});
    ASSERT_TRUE(response) << response.error().message();
    EXPECT_EQ(as_text(response->body), "1");
  }
}

TEST(HttpClient, ManyCallersHaveNoMoreConnectionsThanThereAreCallers) {
  HttpServer server([](const ServedRequest& request) { return text(request.path); });
  HttpClient client;
  {
    std::vector<std::jthread> callers;
    for (int t = 0; t < 8; ++t) {
      callers.emplace_back([&, t] {
        for (int i = 0; i < 30; ++i) {
          HttpRequest request = request_to(server);
          request.path = "/" + std::to_string(t) + "/" + std::to_string(i);
          const auto response = client.send(request, {});
          ASSERT_TRUE(response) << response.error().message();
          EXPECT_EQ(as_text(response->body), request.path);
        }
      });
    }
  }
  EXPECT_EQ(server.requests(), 240U);
  EXPECT_LE(server.connections(), 8U);
}

TEST(HttpClient, AnAnswerMayBeChunked) {
  const std::string body(123'456, 'c');
  HttpServer server(
      [&](const ServedRequest&) { return ServedResponse{.body = body, .wire = Wire::chunked}; });
  HttpClient client;
  HttpRequest request = request_to(server);
  request.max_response_bytes = body.size();
  auto response = client.send(request, {});
  ASSERT_TRUE(response) << response.error().message();
  EXPECT_TRUE(as_text(response->body) == body);
  request.max_response_bytes = body.size() - 1;
  EXPECT_TRUE(client.send(request, {}).failed_with(Code::corrupt));
}

TEST(HttpClient, ABodyLargerThanTheBoundIsCorruptAndNotRead) {
  HttpServer server([](const ServedRequest&) {
    return ServedResponse{.body = "HTTP/1.1 200 OK\r\nContent-Length: 1099511627776\r\n\r\nx",
                          .wire = Wire::raw};
  });
  HttpClient client;
  const auto response = client.send(request_to(server), {});
  EXPECT_TRUE(response.failed_with(Code::corrupt));
  HttpServer fitting([](const ServedRequest&) { return text("12345"); });
  HttpRequest request = request_to(fitting);
  request.max_response_bytes = 5;
  EXPECT_TRUE(client.send(request, {}));
  request.max_response_bytes = 4;
  EXPECT_TRUE(client.send(request, {}).failed_with(Code::corrupt));
}

TEST(HttpClient, TheBodyOfAnErrorIsCutAndNotCounted) {
  HttpServer server([](const ServedRequest&) {
    return ServedResponse{.status = 404, .body = std::string(1 << 20, 'e')};
  });
  HttpClient client;
  HttpRequest request = request_to(server);
  request.max_response_bytes = 0;
  const auto response = client.send(request, {});
  ASSERT_TRUE(response) << response.error().message();
  EXPECT_EQ(response->status, 404);
  EXPECT_EQ(response->body.size(), kMaxErrorBodyBytes);
}

TEST(HttpClient, EndlessHeadersAreCorrupt) {
  HttpServer server([](const ServedRequest&) {
    std::string headers = "HTTP/1.1 200 OK\r\n";
    for (int i = 0; i < 3000; ++i)
      headers += "x-" + std::to_string(i) + ": " + std::string(40, 'h') + "\r\n";
    return ServedResponse{.body = headers + "\r\n", .wire = Wire::raw};
  });
  HttpClient client;
  EXPECT_TRUE(client.send(request_to(server), {}).failed_with(Code::corrupt));
}

TEST(HttpClient, WhatIsNoHttpIsCorrupt) {
  HttpServer server([](const ServedRequest&) {
    return ServedResponse{.body = "SSH-2.0-OpenSSH\r\n", .wire = Wire::raw};
  });
  HttpClient client;
  EXPECT_TRUE(client.send(request_to(server), {}).failed_with(Code::corrupt));
}

TEST(HttpClient, ABrokenAnswerIsTransient) {
  for (const Wire wire : {Wire::cut, Wire::none}) {
    HttpServer server([&](const ServedRequest&) {
      return ServedResponse{.body = std::string(5000, 'b'), .wire = wire};
    });
    HttpClient client;
    const auto response = client.send(request_to(server), {});
    ASSERT_TRUE(response.failed_with(Code::transient));
    EXPECT_NE(response.error().message().find("127.0.0.1:" + std::to_string(server.port())),
              std::string::npos)
        << response.error().message();
  }
}

TEST(HttpClient, WithoutAServerItIsTransient) {
  std::uint16_t port = 0;
  {
    port = HttpServer([](const ServedRequest&) { return ServedResponse{}; }).port();
  }
  HttpClient client;
  HttpRequest request{.method = "GET",
                      .endpoint = *Endpoint::parse("http://127.0.0.1:" + std::to_string(port))};
  const auto response = client.send(request, {});
  ASSERT_TRUE(response.failed_with(Code::transient));
  EXPECT_NE(response.error().message().find("127.0.0.1:" + std::to_string(port)),
            std::string::npos);
}

TEST(HttpClient, ARedirectIsNotFollowed) {
  HttpServer server([](const ServedRequest&) {
    return ServedResponse{.status = 307, .headers = {{"Location", "http://127.0.0.1:9/elsewhere"}}};
  });
  HttpClient client;
  const auto response = client.send(request_to(server), {});
  ASSERT_TRUE(response) << response.error().message();
  EXPECT_EQ(response->status, 307);
  EXPECT_EQ(server.requests(), 1U);
}

TEST(HttpClient, AnInterimAnswerIsPassedOver) {
  HttpServer server([](const ServedRequest&) {
    return ServedResponse{
        .body =
            "HTTP/1.1 100 Continue\r\nx-a: interim\r\n\r\nHTTP/1.1 200 OK\r\nx-a: final\r\n"
            "Content-Length: 2\r\n\r\nok",
        .wire = Wire::raw};
  });
  HttpClient client;
  const auto response = client.send(request_to(server), {});
  ASSERT_TRUE(response) << response.error().message();
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->header("x-a"), "final");
}

TEST(HttpClient, AHeaderWithALineBreakIsNotSent) {
  HttpServer server([](const ServedRequest&) { return ServedResponse{}; });
  HttpClient client;
  for (const HttpHeader& header :
       {HttpHeader{"x-a", "1\r\nx-b: 2"}, HttpHeader{"x-a\n", "1"}, HttpHeader{"", "1"},
        HttpHeader{"x:y", "1"}, HttpHeader{"x-a", std::string("1\0", 2)}}) {
    HttpRequest request = request_to(server);
    request.headers = {header};
    EXPECT_TRUE(client.send(request, {}).failed_with(Code::invalid));
  }
  EXPECT_EQ(server.requests(), 0U);
}

TEST(HttpClient, AStalledServerIsGivenUp) {
  for (const Wire wire : {Wire::mute, Wire::stall}) {
    HttpServer server([&](const ServedRequest&) {
      return ServedResponse{.body = std::string(5000, 'b'), .wire = wire};
    });
    HttpClient client(HttpClientOptions{.first_byte_timeout = milliseconds(300),
                                        .stall_timeout = milliseconds(300)});
    const auto start = steady_clock::now();
    EXPECT_TRUE(client.send(request_to(server), {}).failed_with(Code::transient));
    EXPECT_LT(since(start), milliseconds(2000));
  }
}

TEST(HttpClient, TheFirstByteMayTakeLessLongThanTheNext) {
  HttpServer server([](const ServedRequest&) { return ServedResponse{.wire = Wire::mute}; });
  HttpClient client(HttpClientOptions{.first_byte_timeout = milliseconds(200),
                                      .stall_timeout = std::chrono::seconds(60)});
  const auto start = steady_clock::now();
  const auto response = client.send(request_to(server), {});
  ASSERT_TRUE(response.failed_with(Code::transient));
  EXPECT_NE(response.error().message().find("did not begin to answer"), std::string::npos)
      << response.error().message();
  EXPECT_LT(since(start), milliseconds(2000));
  // After it the time for the next byte counts.
  HttpServer slow([](const ServedRequest&) {
    return ServedResponse{.body = std::string(100, 'b'), .wire = Wire::stall};
  });
  HttpClient patient(HttpClientOptions{.first_byte_timeout = milliseconds(200),
                                       .stall_timeout = milliseconds(900)});
  const auto begin = steady_clock::now();
  EXPECT_TRUE(patient.send(request_to(slow), {}).failed_with(Code::transient));
  EXPECT_GE(since(begin), milliseconds(800));
}

TEST(HttpClient, ATotalTimeLimitIsKept) {
  HttpServer server([](const ServedRequest&) { return ServedResponse{.wire = Wire::mute}; });
  HttpClient client(HttpClientOptions{.total_timeout = milliseconds(200)});
  const auto start = steady_clock::now();
  EXPECT_TRUE(client.send(request_to(server), {}).failed_with(Code::transient));
  EXPECT_LT(since(start), milliseconds(1500));
}

// How long this call goes on after its stop was requested, which is a moment after `waits` returns.
milliseconds time_to_stop(const HttpRequest& request, const std::function<void()>& waits) {
  HttpClient client;
  std::stop_source stop;
  steady_clock::time_point asked;
  std::jthread stopper([&] {
    waits();
    asked = steady_clock::now();
    stop.request_stop();
  });
  const auto response = client.send(request, stop.get_token());
  const auto ended = steady_clock::now();
  stopper.join();
  EXPECT_TRUE(response.failed_with(Code::cancelled));
  return std::chrono::duration_cast<milliseconds>(ended - asked);
}

// The median of a few, since the machine may be busy with other things.
milliseconds median_of(const std::function<milliseconds()>& measure) {
  std::vector<milliseconds> times(7);
  std::ranges::generate(times, measure);
  std::ranges::sort(times);
  return times[times.size() / 2];
}

milliseconds time_to_stop_answer(Wire wire) {
  return median_of([&] {
    std::latch arrived(1);
    HttpServer server([&](const ServedRequest&) {
      arrived.count_down();
      return ServedResponse{.body = std::string(5000, 'b'), .wire = wire};
    });
    return time_to_stop(request_to(server), [&] {
      arrived.wait();
      std::this_thread::sleep_for(milliseconds(30));
    });
  });
}

// Of a request that gets nowhere: nobody tells when it waits, so it is given a moment.
milliseconds time_to_stop_waiting(const HttpRequest& request) {
  return median_of([&] {
    return time_to_stop(request, [] { std::this_thread::sleep_for(milliseconds(100)); });
  });
}

// A port of this machine at which connections hang: nobody takes them, and its queue is full.
class FullListener {
 public:
  FullListener() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const plain = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener_.get(), plain, size), 0);
    EXPECT_EQ(::listen(listener_.get(), 0), 0);
    EXPECT_EQ(::getsockname(listener_.get(), plain, &size), 0);
    port_ = ntohs(address.sin_port);
    for (Fd& filler : fillers_)
      std::ignore = ::connect(filler.get(), plain, size);
  }

  std::string endpoint() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  static Fd new_socket(int flags) {
    return Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0));
  }

  Fd listener_ = new_socket(0);
  std::array<Fd, 4> fillers_{new_socket(SOCK_NONBLOCK), new_socket(SOCK_NONBLOCK),
                             new_socket(SOCK_NONBLOCK), new_socket(SOCK_NONBLOCK)};
  unsigned port_ = 0;
};

TEST(HttpClient, AStopEndsACallWithin50Milliseconds) {
  EXPECT_LT(time_to_stop_answer(Wire::mute), milliseconds(50));
  EXPECT_LT(time_to_stop_answer(Wire::stall), milliseconds(50));
}

TEST(HttpClient, AStopEndsAConnectThatHangsWithin50Milliseconds) {
  const FullListener nobody;
  const HttpRequest request{
      .method = "GET", .endpoint = *Endpoint::parse(nobody.endpoint()), .path = "/a"};
  EXPECT_LT(time_to_stop_waiting(request), milliseconds(50));
}

TEST(HttpClient, ACallThatIsStoppedBeforeItBeginsSendsNothing) {
  HttpServer server([](const ServedRequest&) { return ServedResponse{}; });
  HttpClient client;
  std::stop_source stop;
  stop.request_stop();
  EXPECT_TRUE(client.send(request_to(server), stop.get_token()).failed_with(Code::cancelled));
  EXPECT_EQ(server.connections(), 0U);
}

TEST(HttpClient, AfterAStopTheClientGoesOn) {
  std::atomic<int> count = 0;
  HttpServer server([&](const ServedRequest&) {
    return ++count == 1 ? ServedResponse{.wire = Wire::mute} : ServedResponse{.body = "fine"};
  });
  HttpClient client;
  std::stop_source stop;
  std::jthread stopper([&] {
    while (count == 0)
      std::this_thread::sleep_for(milliseconds(1));
    stop.request_stop();
  });
  EXPECT_TRUE(client.send(request_to(server), stop.get_token()).failed_with(Code::cancelled));
  const auto response = client.send(request_to(server), {});
  ASSERT_TRUE(response) << response.error().message();
  EXPECT_EQ(as_text(response->body), "fine");
}

// A server that has closed a kept connection just before, or while, the next request is written to
// it.
class DeadConnection : public testing::Test {
 protected:
  std::atomic<std::uint64_t> last_connection_ = 0;
  std::atomic<int> carried_out_ = 0;
  // The second request of a connection is read, and the connection closed without an answer.
  HttpServer server_{[this](const ServedRequest& request) {
    ++carried_out_;
    const bool second = request.connection == last_connection_.exchange(request.connection);
    return second ? ServedResponse{.wire = Wire::none} : ServedResponse{.body = "fine"};
  }};
  HttpClient client_;
};

TEST_F(DeadConnection, ARepeatableRequestIsSentAgain) {
  ASSERT_TRUE(client_.send(request_to(server_), {}));
  const auto response = client_.send(request_to(server_), {});
  ASSERT_TRUE(response) << response.error().message();
  EXPECT_EQ(carried_out_, 3);
}

TEST_F(DeadConnection, AConditionalWriteIsNot) {
  ASSERT_TRUE(client_.send(request_to(server_), {}));
  for (const std::string& body : {std::string("body"), std::string()}) {
    carried_out_ = 0;
    HttpRequest request = request_to(server_, "PUT");
    request.body = as_bytes(body);
    request.repeatable = false;
    const auto response = client_.send(request, {});
    EXPECT_TRUE(response.failed_with(Code::transient));
    EXPECT_EQ(carried_out_, 1) << "the caller cannot know whether the first one was carried out";
    ASSERT_TRUE(client_.send(request_to(server_), {}));
  }
}

TEST(HttpClient, IdleConnectionsThatTheServerClosedAreReplaced) {
  HttpServer server([](const ServedRequest&) { return text("fine"); });
  HttpClient client;
  for (int i = 0; i < 5; ++i) {
    HttpRequest request = request_to(server, "PUT");
    request.repeatable = false;
    const auto response = client.send(request, {});
    ASSERT_TRUE(response) << response.error().message();
    server.close_connections();
    std::this_thread::sleep_for(milliseconds(20));  // until the end of the connection has arrived
  }
  EXPECT_EQ(server.connections(), 5U);
}

class HttpClientTls : public testing::Test {
 protected:
  HttpClientTls() { write_text(ca_bundle_, identity_.certificate_pem()); }

  TlsIdentity identity_;
  HttpServer server_{[](const ServedRequest& request) { return text(request.body); }, &identity_};
  TempFolder folder_;
  const std::string ca_bundle_ = folder_ / "ca.pem";
};

TEST_F(HttpClientTls, ACertificateOfATrustedAuthorityIsAccepted) {
  HttpClient client(HttpClientOptions{.ca_bundle = ca_bundle_});
  HttpRequest request = request_to(server_, "PUT");
  const std::string body(3 << 20, 'b');
  request.body = as_bytes(body);
  request.max_response_bytes = body.size();
  for (int i = 0; i < 3; ++i) {
    const auto response = client.send(request, {});
    ASSERT_TRUE(response) << response.error().message();
    EXPECT_TRUE(as_text(response->body) == body);
  }
  EXPECT_EQ(server_.connections(), 1U);
}

TEST_F(HttpClientTls, ACertificateOfAnUnknownAuthorityIsDenied) {
  HttpClient client;
  const auto response = client.send(request_to(server_), {});
  ASSERT_TRUE(response.failed_with(Code::denied)) << response.error().message();
  EXPECT_NE(response.error().hint().find("AWS_CA_BUNDLE"), std::string::npos);
  EXPECT_EQ(server_.requests(), 0U);
}

TEST_F(HttpClientTls, ACertificateForAnotherHostIsDenied) {
  HttpClient client(HttpClientOptions{.ca_bundle = ca_bundle_});
  HttpRequest request = request_to(server_);
  request.endpoint.host =
      "other.localhost";  // leads to the same server, but is not in the certificate
  EXPECT_TRUE(client.send(request, {}).failed_with(Code::denied));
  request.endpoint.host = "localhost";
  EXPECT_TRUE(client.send(request, {}));
}

TEST_F(HttpClientTls, AServerThatGoesAwayDoesNotEndTheProcess) {
  HttpClient client(HttpClientOptions{.ca_bundle = ca_bundle_});
  HttpRequest request = request_to(server_, "PUT");
  const std::string body(1 << 20, 'b');
  request.body = as_bytes(body);
  request.max_response_bytes = body.size();
  for (int i = 0; i < 20; ++i) {
    std::jthread closer([&] {
      std::this_thread::sleep_for(milliseconds(i));
      server_.close_connections();
    });
    const auto response = client.send(request, {});
    EXPECT_TRUE(response || response.failed_with(Code::transient)) << response.error().message();
  }
}

TEST_F(HttpClientTls, AStopEndsAHandshakeWithin50Milliseconds) {
  // A plain server that never answers the greeting.
  HttpServer mute([](const ServedRequest&) { return ServedResponse{}; });
  HttpRequest request = request_to(mute);
  request.endpoint.tls = true;
  EXPECT_LT(time_to_stop_waiting(request), milliseconds(50));
}

TEST(HttpClient, CertificatesThatCannotBeReadAreNamed) {
  HttpServer server([](const ServedRequest&) { return ServedResponse{}; });
  HttpClient client(HttpClientOptions{.ca_bundle = "/nowhere/ca.pem"});
  HttpRequest request = request_to(server);
  request.endpoint.tls = true;
  const auto response = client.send(request, {});
  ASSERT_TRUE(response.failed_with(Code::invalid)) << response.error().message();
  EXPECT_NE(response.error().message().find("/nowhere/ca.pem"), std::string::npos);
}

}  // namespace
}  // namespace mikura

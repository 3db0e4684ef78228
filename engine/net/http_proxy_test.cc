// Proxies, as the environment names them. 0.0.0.0 is this machine, but not by a name that is always
// reached directly.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/guarded.h"
#include "net/http_client.h"
#include "testing/http_server.h"

namespace mikura {
namespace {

using testing::HasSubstr;

class Proxy : public testing::Test {
 protected:
  void SetUp() override { clear(); }
  void TearDown() override { clear(); }

  static void clear() {
    for (const char* name :
         {"http_proxy", "https_proxy", "no_proxy", "HTTPS_PROXY", "NO_PROXY", "all_proxy"})
      ::unsetenv(name);
  }
  static HttpRequest request_to(const std::string& endpoint) {
    return {
        .method = "GET", .endpoint = *Endpoint::parse(endpoint), .path = "/key", .query = "a=b"};
  }
  std::string body_of(const HttpRequest& request) {
    const auto response = client_.send(request, {});
    return response ? std::string(as_text(response->body)) : response.error().message();
  }

  Guarded<std::vector<std::string>> asked_;
  int connect_status_ = 403;
  HttpServer proxy_{[this](const ServedRequest& request) {
    asked_.with([&](auto& asked) { asked.push_back(request.method + " " + request.path); });
    return request.method == "CONNECT" ? ServedResponse{.status = connect_status_, .body = {}}
                                       : ServedResponse{.body = "by the proxy"};
  }};
  HttpServer server_{[](const ServedRequest&) { return ServedResponse{.body = "direct"}; }};
  HttpClient client_;
};

TEST_F(Proxy, OfTheEnvironmentIsUsed) {
  ::setenv("http_proxy", proxy_.endpoint().c_str(), 1);
  EXPECT_EQ(body_of(request_to("http://storage.invalid")), "by the proxy");
  const auto asked = asked_.with([](const auto& list) { return list; });
  EXPECT_THAT(asked, testing::ElementsAre("GET http://storage.invalid/key"));
}

TEST_F(Proxy, IsNotUsedForThisMachineNorForWhatNoProxyNames) {
  ::setenv("http_proxy", proxy_.endpoint().c_str(), 1);
  EXPECT_EQ(body_of(request_to(server_.endpoint())), "direct");
  const std::string by_other_name = "http://0.0.0.0:" + std::to_string(server_.port());
  EXPECT_EQ(body_of(request_to(by_other_name)), "by the proxy");
  ::setenv("no_proxy", "example.com,0.0.0.0", 1);
  EXPECT_EQ(body_of(request_to(by_other_name)), "direct");
  ::unsetenv("no_proxy");
  ::setenv("NO_PROXY", "0.0.0.0", 1);
  EXPECT_EQ(body_of(request_to(by_other_name)), "direct");
  ::unsetenv("NO_PROXY");
  HttpClient local(HttpClientOptions{.proxy = ProxyUse::never});
  EXPECT_EQ(as_text(local.send(request_to(by_other_name), {})->body), "direct");
}

TEST_F(Proxy, ThatRefusesATunnelIsNoFaultThatMayPass) {
  ::setenv("HTTPS_PROXY", proxy_.endpoint().c_str(), 1);
  const auto refused = client_.send(request_to("https://storage.invalid"), {});
  ASSERT_TRUE(refused.failed_with(Code::denied)) << refused.error().message();
  EXPECT_THAT(refused.error().message(), HasSubstr("403"));
  connect_status_ = 407;
  const auto unknown = client_.send(request_to("https://storage.invalid"), {});
  ASSERT_TRUE(unknown.failed_with(Code::denied)) << unknown.error().message();
  EXPECT_THAT(unknown.error().hint(), HasSubstr("user and a password"));
  connect_status_ = 502;
  EXPECT_TRUE(client_.send(request_to("https://storage.invalid"), {}).failed_with(Code::transient));
  EXPECT_THAT(asked_.with([](const auto& list) { return list; })[0],
              HasSubstr("CONNECT storage.invalid:443"));
}

}  // namespace
}  // namespace mikura

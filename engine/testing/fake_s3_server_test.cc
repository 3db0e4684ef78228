// The fake is strict: what it lets through is signed as a real server wants it.
#include "testing/fake_s3_server.h"

#include <gtest/gtest.h>

#include "base/clock.h"
#include "net/http_client.h"
#include "net/s3_xml.h"
#include "net/sigv4.h"

namespace mikura {
namespace {

class FakeS3 : public testing::Test {
 protected:
  HttpRequest signed_put(std::string_view body, const std::string& region = "us-east-1") {
    HttpRequest request{.method = "PUT",
                        .endpoint = *Endpoint::parse(server_.endpoint()),
                        .path = "/test-bucket/key",
                        .headers = {{"if-none-match", "*"}},
                        .body = as_bytes(body)};
    signer_.sign(request, server_.credentials(), region, system_clock().unix_ns() / 1'000'000'000);
    return request;
  }
  // "200" or "403 AccessDenied".
  std::string send(const HttpRequest& request) {
    const auto response = client_.send(request, {});
    if (!response) return response.error().message();
    const auto document = parse_error_document(as_text(response->body));
    return std::to_string(response->status) + (document ? " " + document->code : "");
  }
  static void erase(HttpRequest& request, const std::string& name) {
    std::erase_if(request.headers, [&](const HttpHeader& header) { return header.name == name; });
  }
  static void set(HttpRequest& request, const std::string& name, const std::string& value) {
    erase(request, name);
    request.headers.push_back({name, value});
  }

  FakeS3Server server_;
  HttpClient client_;
  Signer signer_{"s3"};
};

TEST_F(FakeS3, TakesARequestThatIsSignedRightly) {
  EXPECT_EQ(send(signed_put("body")), "200");
  EXPECT_EQ(send(signed_put("body")), "412 PreconditionFailed");
}

TEST_F(FakeS3, RefusesARequestWithoutASignature) {
  HttpRequest request = signed_put("body");
  erase(request, "authorization");
  EXPECT_EQ(send(request), "403 AccessDenied");
}

TEST_F(FakeS3, RefusesAnotherBodyThanTheOneThatWasSigned) {
  HttpRequest request = signed_put("body");
  const std::string other = "BODY";
  request.body = as_bytes(other);
  EXPECT_EQ(send(request), "400 XAmzContentSHA256Mismatch");
}

TEST_F(FakeS3, RefusesAnotherPathQueryOrMethodThanWasSigned) {
  HttpRequest request = signed_put("body");
  request.path += "x";
  EXPECT_EQ(send(request), "403 SignatureDoesNotMatch");
  request = signed_put("body");
  request.query = "acl=";
  EXPECT_EQ(send(request), "403 SignatureDoesNotMatch");
  request = signed_put("");
  request.method = "DELETE";
  EXPECT_EQ(send(request), "403 SignatureDoesNotMatch");
}

TEST_F(FakeS3, RefusesAChangedOrRemovedCondition) {
  HttpRequest request = signed_put("body");
  set(request, "if-none-match", "\"x\"");
  EXPECT_EQ(send(request), "403 SignatureDoesNotMatch");
  request = signed_put("body");
  erase(request, "if-none-match");
  EXPECT_EQ(send(request), "403 SignatureDoesNotMatch");
}

TEST_F(FakeS3, RefusesHeadersThatMatterAndAreNotSigned) {
  HttpRequest request = signed_put("body");
  request.headers.push_back({"x-amz-acl", "public-read"});
  EXPECT_EQ(send(request), "403 AccessDenied");
}

TEST_F(FakeS3, RefusesAnotherRegionAndAnotherTime) {
  EXPECT_EQ(send(signed_put("body", "eu-west-1")), "400 AuthorizationHeaderMalformed");
  HttpRequest request{.method = "GET",
                      .endpoint = *Endpoint::parse(server_.endpoint()),
                      .path = "/test-bucket/key"};
  signer_.sign(request, server_.credentials(), "us-east-1",
               system_clock().unix_ns() / 1'000'000'000 - 1000);
  EXPECT_EQ(send(request), "403 RequestTimeTooSkewed");
}

}  // namespace
}  // namespace mikura

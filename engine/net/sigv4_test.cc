#include "net/sigv4.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>

#include "crypto/hash.h"
#include "net/timestamp.h"

namespace mikura {
namespace {

using Vector = std::map<std::string, std::string>;

std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    ++i;
    out += text.at(i) == 'n' ? '\n' : text.at(i);
  }
  return out;
}

// Paragraphs of "key: value" lines (tests/vectors/sigv4/README.md).
std::vector<Vector> load_vectors(const std::string& name) {
  std::ifstream file(name);
  EXPECT_TRUE(file) << name;
  std::vector<Vector> vectors(1);
  for (std::string line; std::getline(file, line);) {
    if (line.empty()) {
      vectors.emplace_back();
      continue;
    }
    const std::size_t colon = line.find(": ");
    vectors.back()[line.substr(0, colon)] = unescape(line.substr(colon + 2));
  }
  return vectors;
}

struct ParsedRequest {
  std::string method;
  std::string path;
  std::string query;
  std::vector<HttpHeader> headers;
  std::string body;
};

ParsedRequest parse_request(std::string_view text) {
  ParsedRequest request;
  const auto take_line = [&text] {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    return line;
  };
  const std::string_view first = take_line();
  const std::size_t begin = first.find(' ') + 1;
  const std::string_view target = first.substr(begin, first.rfind(' ') - begin);
  request.method = first.substr(0, begin - 1);
  request.path = target.substr(0, target.find('?'));
  if (target.find('?') != std::string_view::npos)
    request.query = target.substr(target.find('?') + 1);
  while (!text.empty()) {
    const std::string_view line = take_line();
    if (line.empty()) break;
    if (line.front() == ' ') {  // goes on
      request.headers.back().value += line;
      continue;
    }
    HttpHeader header{std::string(line.substr(0, line.find(':'))),
                      std::string(line.substr(line.find(':') + 1))};
    std::transform(header.name.begin(), header.name.end(), header.name.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    request.headers.push_back(std::move(header));
  }
  request.body = text;
  return request;
}

TEST(SigV4, MatchesTheSigningSuiteOfAwsCAuth) {
  const char* const folder = std::getenv("MIKURA_SIGV4_VECTORS");
  if (folder == nullptr) GTEST_SKIP() << "MIKURA_SIGV4_VECTORS names no folder (README.md)";
  const std::vector<Vector> vectors = load_vectors(std::string(folder) + "/aws-c-auth-v4.txt");
  EXPECT_EQ(vectors.size(), 38U);
  const SigningScope scope{.day = "20150830", .region = "us-east-1", .service = "service"};
  const SecretBytes secret(as_bytes("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"));
  const SigningKey key = derive_signing_key(secret, scope);
  for (const Vector& vector : vectors) {
    SCOPED_TRACE(vector.at("case"));
    ParsedRequest request = parse_request(vector.at("request"));
    const std::string payload = sha256(as_bytes(request.body)).hex();
    request.headers.push_back({"x-amz-date", "20150830T123600Z"});
    if (vector.at("sign-body") == "true")
      request.headers.push_back({"x-amz-content-sha256", payload});
    if (vector.contains("token"))
      request.headers.push_back({"x-amz-security-token", vector.at("token")});
    const PathStyle style =
        vector.at("normalize") == "true" ? PathStyle::normalized_encoded : PathStyle::encoded;
    const std::string canonical = canonical_request({.method = request.method,
                                                     .path = request.path,
                                                     .query = request.query,
                                                     .headers = request.headers,
                                                     .payload_sha256 = payload},
                                                    style);
    EXPECT_EQ(canonical, vector.at("canonical-request"));
    const std::string text = string_to_sign("20150830T123600Z", scope, canonical);
    EXPECT_EQ(text, vector.at("string-to-sign"));
    EXPECT_EQ(compute_signature(key, text), vector.at("signature"));
  }
}

Credentials example_credentials() {
  Credentials credentials;
  credentials.access_key_id = "AKIAIOSFODNN7EXAMPLE";
  credentials.secret_access_key = SecretBytes(as_bytes("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"));
  return credentials;
}

std::string authorization_of(const HttpRequest& request) {
  for (const HttpHeader& header : request.headers) {
    if (header.name == "authorization") return header.value;
  }
  return {};
}

TEST(SigV4, TheSignerMatchesTheExamplesOfTheS3Documentation) {
  const std::vector<Vector> vectors =
      load_vectors(MIKURA_SOURCE_DIR "/tests/vectors/sigv4/s3-documentation.txt");
  EXPECT_EQ(vectors.size(), 4U);
  Signer signer("s3");
  for (const Vector& vector : vectors) {
    SCOPED_TRACE(vector.at("case"));
    const ParsedRequest parsed = parse_request(vector.at("request"));
    HttpRequest request{.method = parsed.method,
                        .path = parsed.path,
                        .query = parsed.query,
                        .body = as_bytes(parsed.body)};
    request.endpoint.port = 443;
    for (const HttpHeader& header : parsed.headers) {
      if (header.name == "host") {
        request.endpoint.host = header.value;
      } else {
        request.headers.push_back(header);
      }
    }
    signer.sign(request, example_credentials(), "us-east-1", *parse_amz_date("20130524T000000Z"));
    const std::string authorization = authorization_of(request);
    EXPECT_TRUE(authorization.ends_with("Signature=" + vector.at("signature"))) << authorization;
    EXPECT_TRUE(authorization.starts_with(
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
        "SignedHeaders="));
  }
}

HttpRequest request_for(const std::string& authority) {
  HttpRequest request{
      .method = "GET", .endpoint = *Endpoint::parse(authority), .path = "/bucket/key"};
  return request;
}

std::string signed_at(Signer& signer, const Credentials& credentials, const std::string& region,
                      std::int64_t time) {
  HttpRequest request = request_for("http://127.0.0.1:9000");
  signer.sign(request, credentials, region, time);
  return authorization_of(request);
}

TEST(SigV4, TheKeptSigningKeyIsNotUsedForAnotherDayRegionOrSecret) {
  constexpr std::int64_t kDay = 86400;
  const auto fresh = [](const Credentials& credentials, const std::string& region,
                        std::int64_t time) {
    Signer signer("s3");
    return signed_at(signer, credentials, region, time);
  };
  Credentials other = example_credentials();
  other.secret_access_key = SecretBytes(as_bytes("another secret of the same key id"));
  Signer signer("s3");
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(signed_at(signer, example_credentials(), "us-east-1", 0),
              fresh(example_credentials(), "us-east-1", 0));
    EXPECT_EQ(signed_at(signer, example_credentials(), "us-east-1", kDay),
              fresh(example_credentials(), "us-east-1", kDay));
    EXPECT_EQ(signed_at(signer, example_credentials(), "eu-west-1", kDay),
              fresh(example_credentials(), "eu-west-1", kDay));
    EXPECT_EQ(signed_at(signer, other, "eu-west-1", kDay), fresh(other, "eu-west-1", kDay));
  }
  EXPECT_NE(fresh(other, "us-east-1", 0), fresh(example_credentials(), "us-east-1", 0));
}

TEST(SigV4, TheHostIsSignedAsItIsSent) {
  const auto host_of = [](const std::string& endpoint) {
    Signer signer("s3");
    HttpRequest request = request_for(endpoint);
    signer.sign(request, example_credentials(), "us-east-1", 0);
    return request.headers.front().value;
  };
  EXPECT_EQ(host_of("http://127.0.0.1:9000"), "127.0.0.1:9000");
  EXPECT_EQ(host_of("http://example.com:80"), "example.com");
  EXPECT_EQ(host_of("https://example.com:443"), "example.com");
  EXPECT_EQ(host_of("https://example.com:80"), "example.com:80");
  EXPECT_EQ(host_of("https://EXAMPLE.com"), "example.com");
}

TEST(SigV4, ASessionTokenIsSentAndSigned) {
  Credentials credentials = example_credentials();
  credentials.session_token = SecretBytes(as_bytes("the-token"));
  Signer signer("s3");
  HttpRequest request = request_for("http://127.0.0.1:9000");
  signer.sign(request, credentials, "us-east-1", 0);
  EXPECT_NE(std::find(request.headers.begin(), request.headers.end(),
                      HttpHeader{"x-amz-security-token", "the-token"}),
            request.headers.end());
  EXPECT_NE(authorization_of(request).find("x-amz-date;x-amz-security-token,"), std::string::npos);
}

RC_GTEST_PROP(SigV4, TheOrderOfHeadersAndParametersDoesNotMatter, ()) {
  const auto text =
      rc::gen::container<std::string>(rc::gen::elementOf(std::string("abcXYZ019-%/ +")));
  std::vector<HttpHeader> headers;
  std::vector<std::string> parameters;
  for (int i = 0; i < 5; ++i) {
    headers.push_back({"x-header-" + std::to_string(i), *text});
    parameters.push_back(uri_encode(*text, Slash::encode) + "=" + uri_encode(*text, Slash::encode));
  }
  const auto join = [](const std::vector<std::string>& parts) {
    std::string out;
    for (const std::string& part : parts)
      out += (out.empty() ? "" : "&") + part;
    return out;
  };
  const std::string query = join(parameters);
  const std::vector<HttpHeader> before = headers;
  const auto order =
      *rc::gen::unique<std::vector<std::size_t>>(5, rc::gen::inRange<std::size_t>(0, 5));
  std::vector<std::string> shuffled;
  for (std::size_t i = 0; i < order.size(); ++i) {
    headers[i] = before[order[i]];
    shuffled.push_back(parameters[order[i]]);
  }
  const auto canonical = [](const std::string& q, const std::vector<HttpHeader>& h) {
    return canonical_request(
        {.method = "GET", .path = "/", .query = q, .headers = h, .payload_sha256 = "x"},
        PathStyle::verbatim);
  };
  RC_ASSERT(canonical(query, before) == canonical(join(shuffled), headers));
}

}  // namespace
}  // namespace mikura

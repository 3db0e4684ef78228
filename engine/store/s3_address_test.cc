#include "store/s3_address.h"

#include <gtest/gtest.h>

namespace mikura {
namespace {

StoreUrl url_of(const std::string& bucket, const std::string& prefix = "") {
  StoreUrl url;
  url.scheme = StoreUrl::Scheme::s3;
  url.bucket = bucket;
  url.prefix = prefix;
  return url;
}

// "https://host/path" of an object.
std::string address_of(const StoreUrl& url, const S3Settings& settings, const std::string& name,
                       const std::string& region = "") {
  const auto address = S3Address::make(url, settings);
  if (!address) return std::string(code_name(address.error().code()));
  const S3Target target =
      address->target(address->key_of(name), region.empty() ? address->region() : region);
  return target.endpoint.origin() + target.path;
}

TEST(S3Address, OnAwsTheBucketIsPartOfTheHost) {
  EXPECT_EQ(address_of(url_of("bucket", "a/b"), {}, "HEAD"),
            "https://bucket.s3.us-east-1.amazonaws.com/a/b/HEAD");
  S3Settings settings;
  settings.region = "eu-west-1";
  EXPECT_EQ(address_of(url_of("bucket"), settings, "HEAD"),
            "https://bucket.s3.eu-west-1.amazonaws.com/HEAD");
  EXPECT_EQ(address_of(url_of("bucket"), settings, "HEAD", "cn-north-1"),
            "https://bucket.s3.cn-north-1.amazonaws.com.cn/HEAD");
}

TEST(S3Address, ABucketThatIsNoHostLabelIsInThePath) {
  for (const std::string bucket : {"my.bucket", "Old_Bucket", "-bucket"}) {
    EXPECT_EQ(address_of(url_of(bucket), {}, "HEAD"),
              "https://s3.us-east-1.amazonaws.com/" + bucket + "/HEAD");
    StoreUrl url = url_of(bucket);
    url.path_style = false;
    EXPECT_EQ(address_of(url, {}, "HEAD"), "invalid");
  }
}

TEST(S3Address, AtAnotherEndpointTheBucketIsInThePathUnlessSaidOtherwise) {
  StoreUrl url = url_of("bucket", "p");
  url.endpoint = "http://127.0.0.1:9000";
  EXPECT_EQ(address_of(url, {}, "HEAD"), "http://127.0.0.1:9000/bucket/p/HEAD");
  url.path_style = false;
  url.endpoint = "https://store.example.com:8443";
  EXPECT_EQ(address_of(url, {}, "HEAD"), "https://bucket.store.example.com:8443/p/HEAD");
  url.path_style.reset();
  S3Settings settings;
  settings.path_style = false;
  EXPECT_EQ(address_of(url, settings, "HEAD"), "https://bucket.store.example.com:8443/p/HEAD");
  url.path_style = true;
  EXPECT_EQ(address_of(url, settings, "HEAD"), "https://store.example.com:8443/bucket/p/HEAD");
}

TEST(S3Address, AnEndpointMayHaveAPath) {
  StoreUrl url = url_of("bucket");
  url.endpoint = "https://x.example.com/storage/v1/s3";
  EXPECT_EQ(address_of(url, {}, "HEAD"), "https://x.example.com/storage/v1/s3/bucket/HEAD");
}

TEST(S3Address, TheUrlComesBeforeTheSettings) {
  S3Settings settings;
  settings.endpoint = "http://settings";
  settings.region = "settings-1";
  EXPECT_EQ(address_of(url_of("bucket"), settings, "HEAD"), "http://settings/bucket/HEAD");
  StoreUrl url = url_of("bucket");
  url.endpoint = "http://url";
  url.region = "url-1";
  EXPECT_EQ(address_of(url, settings, "HEAD"), "http://url/bucket/HEAD");
  EXPECT_EQ(S3Address::make(url, settings)->region(), "url-1");
}

TEST(S3Address, KeysAreEncodedOnce) {
  StoreUrl url = url_of("bucket", "my backups/\xC3\xA4+%");
  url.endpoint = "http://h";
  EXPECT_EQ(address_of(url, {}, "HEAD"), "http://h/bucket/my%20backups/%C3%A4%2B%25/HEAD");
}

TEST(S3Address, TheBucketItselfHasNoTrailingSlashInPathStyle) {
  StoreUrl url = url_of("bucket");
  url.endpoint = "http://h";
  EXPECT_EQ(S3Address::make(url, {})->target("", "r").path, "/bucket");
  EXPECT_EQ(S3Address::make(url_of("bucket"), {})->target("", "r").path, "/");
}

TEST(S3Address, WhatCannotBeIsInvalid) {
  for (const std::string bucket : {"", "ab", "a/b", "a b c", "bucket?x",
                                   "b\xC3\xBC"
                                   "cket",
                                   "..."}) {
    EXPECT_EQ(address_of(url_of(bucket), {}, "HEAD"), "invalid") << bucket;
  }
  for (const std::string& region : std::vector<std::string>{
           "eu west", "eu.west", "evil.example.com/", "-x", "EU", std::string(33, 'a')}) {
    StoreUrl url = url_of("bucket");
    url.region = region;
    EXPECT_EQ(address_of(url, {}, "HEAD"), "invalid") << region;
  }
  StoreUrl url = url_of("bucket");
  url.endpoint = "h:9000";
  EXPECT_EQ(address_of(url, {}, "HEAD"), "invalid");
  EXPECT_EQ(address_of(url_of("bucket", std::string(512, 'p')), {}, "HEAD"), "invalid");
  EXPECT_NE(address_of(url_of("bucket", std::string(511, 'p')), {}, "HEAD"), "invalid");
}

TEST(S3Address, IsDescribedWithTheServer) {
  EXPECT_EQ(S3Address::make(url_of("bucket", "a/b"), {})->describe("eu-west-1"),
            "s3://bucket/a/b (AWS, eu-west-1)");
  StoreUrl url = url_of("bucket");
  url.endpoint = "http://127.0.0.1:9000/";
  EXPECT_EQ(S3Address::make(url, {})->describe("us-east-1"), "s3://bucket (http://127.0.0.1:9000)");
}

}  // namespace
}  // namespace mikura

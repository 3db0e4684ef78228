// The shared suite over a real S3 server: MIKURA_TEST_S3_ENDPOINT names it, AWS_ACCESS_KEY_ID and
// AWS_SECRET_ACCESS_KEY are for it. MIKURA_TEST_S3_VIRTUAL_HOST_ENDPOINT, if set, is the same
// server by a name under which it takes bucket.name for the bucket. `./dev test` starts one on
// loopback. Everything happens in a bucket made for this run and removed after it.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <iostream>

#include "store/blob_store_suite.h"
#include "store/s3_store.h"
#include "testing/s3_bucket.h"

namespace mikura {
namespace {

// nullptr also if it is set to nothing.
const char* variable(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : nullptr;
}

const char* endpoint() {
  return variable("MIKURA_TEST_S3_ENDPOINT");
}

const char* virtual_host_endpoint() {
  return variable("MIKURA_TEST_S3_VIRTUAL_HOST_ENDPOINT");
}

std::string region() {
  const char* const set = variable("AWS_REGION");
  return set != nullptr ? set : "us-east-1";
}

// One bucket for the whole program: making one is slow on some servers.
std::unique_ptr<S3Bucket> the_bucket;

class BucketForAllTests : public testing::Environment {
 public:
  void SetUp() override {
    if (endpoint() == nullptr) {
      std::cerr
          << "\n*** No real S3 server was tested: MIKURA_TEST_S3_ENDPOINT is not set. ***\n\n";
      return;
    }
    auto bucket = S3Bucket::create(endpoint(), region());
    ASSERT_TRUE(bucket) << bucket.error().message();
    the_bucket = *std::move(bucket);
  }
  void TearDown() override { the_bucket.reset(); }
};

const auto* const kEnvironment = testing::AddGlobalTestEnvironment(new BucketForAllTests);

StoreUrl url_of(const std::string& prefix) {
  StoreUrl url;
  url.scheme = StoreUrl::Scheme::s3;
  url.bucket = the_bucket->name();
  url.prefix = prefix;
  url.endpoint = endpoint();
  url.region = region();
  return url;
}

std::unique_ptr<BlobStore> open(const StoreUrl& url) {
  auto store = open_s3_store(url, {});
  EXPECT_TRUE(store) << store.error().message();
  return store ? *std::move(store) : nullptr;
}

enum class Style { path, virtual_host };

class RealStorage final : public StorageUnderTest {
 public:
  explicit RealStorage(Style style) : style_(style) {}
  ~RealStorage() override {
    const auto removed = the_bucket->remove_all(prefix_ + "/");
    EXPECT_TRUE(removed) << removed.error().message();
  }

  std::unique_ptr<BlobStore> open() override {
    StoreUrl url = url_of(prefix_);
    url.path_style = style_ == Style::path;
    if (style_ == Style::virtual_host) url.endpoint = virtual_host_endpoint();
    return mikura::open(url);
  }

 private:
  static std::string next_prefix() {
    static std::atomic<int> count = 0;
    return "a prefix/with ünusual (characters)+&/" + std::to_string(++count);
  }

  const Style style_;
  const std::string prefix_ = next_prefix();
};

std::vector<StoreSuiteCase> real_servers() {
  std::vector<StoreSuiteCase> cases;
  const auto add = [&cases](const std::string& name, Style style) {
    cases.push_back({.name = name,
                     .make = [style] { return std::make_unique<RealStorage>(style); },
                     .conditional_remove = false,
                     .race_rounds = 5});
  };
  if (endpoint() != nullptr) add("PathStyle", Style::path);
  if (endpoint() != nullptr && virtual_host_endpoint() != nullptr)
    add("VirtualHostStyle", Style::virtual_host);
  return cases;
}

INSTANTIATE_TEST_SUITE_P(RealS3, BlobStoreSuite, testing::ValuesIn(real_servers()),
                         store_case_name);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(BlobStoreSuite);

class RealS3 : public testing::Test {
 protected:
  void SetUp() override {
    if (endpoint() == nullptr)
      GTEST_SKIP() << "MIKURA_TEST_S3_ENDPOINT is not set: no real S3 server was tested";
  }
};

TEST_F(RealS3, AMissingBucketIsNotAMissingObject) {
  StoreUrl url = url_of("p");
  url.bucket += "-that-is-not-there";
  const auto got = open(url)->get("HEAD", {}, {});
  ASSERT_TRUE(got.failed_with(Code::invalid)) << got.error().message();
  EXPECT_NE(got.error().message().find("no bucket"), std::string::npos) << got.error().message();
}

TEST_F(RealS3, AnUnknownAccessKeyIsNoCredentials) {
  Credentials credentials;
  credentials.access_key_id = "AKIDNOTTHERE";
  credentials.secret_access_key = SecretBytes(as_bytes("nothing"));
  S3StoreOptions options;
  options.credentials = fixed_credentials(std::move(credentials));
  auto store = open_s3_store(url_of("p"), std::move(options));
  ASSERT_TRUE(store);
  const auto got = (*store)->get("HEAD", {}, {});
  ASSERT_TRUE(got.failed_with(Code::no_credentials)) << got.error().message();
}

TEST_F(RealS3, AWrongSecretIsDenied) {
  Credentials credentials;
  credentials.access_key_id = std::getenv("AWS_ACCESS_KEY_ID");
  credentials.secret_access_key = SecretBytes(as_bytes("not the secret"));
  S3StoreOptions options;
  options.credentials = fixed_credentials(std::move(credentials));
  auto store = open_s3_store(url_of("p"), std::move(options));
  ASSERT_TRUE(store);
  const auto got = (*store)->get("HEAD", {}, {});
  ASSERT_TRUE(got.failed_with(Code::denied)) << got.error().message();
  EXPECT_EQ(got.error().message().find("not the secret"), std::string::npos);
}

// The server's clock is right; ours is a day behind.
class LateClock final : public Clock {
 public:
  std::int64_t unix_ns() override { return system_clock().unix_ns() - 86'400'000'000'000; }
  std::chrono::nanoseconds monotonic() override { return system_clock().monotonic(); }
  bool sleep_for(std::chrono::nanoseconds duration, std::stop_token stop) override {
    return system_clock().sleep_for(duration, std::move(stop));
  }
};

TEST_F(RealS3, AClockThatIsADayBehindIsCorrected) {
  LateClock clock;
  S3StoreOptions options;
  options.clock = &clock;
  auto store = open_s3_store(url_of("late"), std::move(options));
  ASSERT_TRUE(store);
  const auto put = (*store)->put("HEAD", as_bytes("x"), PutCondition::if_absent(), {});
  EXPECT_TRUE(put) << put.error().message();
}

}  // namespace
}  // namespace mikura

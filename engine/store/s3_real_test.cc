// The shared suite over a real S3 server: MIKURA_TEST_S3_ENDPOINT names it, AWS_ACCESS_KEY_ID and
// AWS_SECRET_ACCESS_KEY are for it. `./dev test` starts one on loopback. Everything happens in a
// bucket made for this run and removed after it.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <iostream>

#include "store/blob_store_suite.h"
#include "store/s3_store.h"
#include "testing/s3_bucket.h"

namespace mikura {
namespace {

const char* endpoint() {
  return std::getenv("MIKURA_TEST_S3_ENDPOINT");
}

std::string region() {
  const char* const set = std::getenv("AWS_REGION");
  return set != nullptr && *set != '\0' ? set : "us-east-1";
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

class RealStorage final : public StorageUnderTest {
 public:
  std::unique_ptr<BlobStore> open() override { return mikura::open(url_of(prefix_)); }
  ~RealStorage() override {
    const auto removed = the_bucket->remove_all(prefix_ + "/");
    EXPECT_TRUE(removed) << removed.error().message();
  }

 private:
  static std::string next_prefix() {
    static std::atomic<int> count = 0;
    return "a prefix/with ünusual (characters)+&/" + std::to_string(++count);
  }
  const std::string prefix_ = next_prefix();
};

std::vector<StoreSuiteCase> real_servers() {
  if (endpoint() == nullptr) return {};
  return {StoreSuiteCase{.name = "PathStyle",
                         .make = [] { return std::make_unique<RealStorage>(); },
                         .conditional_remove = false,
                         .race_rounds = 5}};
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

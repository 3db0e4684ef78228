#include "store/bandwidth.h"

#include <gtest/gtest.h>

#include "net/credentials_test_support.h"
#include "store/s3_store.h"
#include "testing/fake_s3_server.h"

namespace mikura {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Bandwidth, IsWrittenAsTheAwsToolsDo) {
  const auto parse = [](std::string_view text) { return *parse_bandwidth(text); };
  EXPECT_EQ(parse("50MB/s"), 50U << 20);
  EXPECT_EQ(parse("512KB/s"), 512U << 10);
  EXPECT_EQ(parse("1GB/s"), 1U << 30);
  EXPECT_EQ(parse("100Mb/s"), (100U << 20) / 8);
  EXPECT_EQ(parse("2000B/s"), 2000U);
  EXPECT_EQ(parse("4096"), 4096U);
  for (const char* text :
       {"", "fast", "MB/s", "1", "0MB/s", "5M", "5MB", "-5MB/s", "5MB/s ", "9999999999999999GB/s"})
    EXPECT_TRUE(parse_bandwidth(text).failed_with(Code::invalid)) << text;
}

TEST(Bandwidth, LetsTheFirstThroughAndPacesTheRest) {
  StandingClock clock;
  Bandwidth bandwidth(1000, clock);
  const auto begin = clock.monotonic();
  for (int i = 0; i < 11; ++i)
    EXPECT_TRUE(bandwidth.pass(500, {}));
  EXPECT_EQ(clock.monotonic() - begin, seconds(5));
  // What was not used is not saved up.
  clock.move(seconds(100));
  const auto later = clock.monotonic();
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(bandwidth.pass(500, {}));
  EXPECT_EQ(clock.monotonic() - later, seconds(1));
}

TEST(Bandwidth, WithoutALimitNobodyWaitsAndAStopEndsTheWaiting) {
  StandingClock clock;
  Bandwidth none(0, clock);
  const auto begin = clock.monotonic();
  EXPECT_TRUE(none.pass(1ULL << 40, {}));
  EXPECT_TRUE(none.pass(1ULL << 40, {}));
  EXPECT_EQ(clock.monotonic(), begin);
  Bandwidth slow(1024, clock);
  EXPECT_TRUE(slow.pass(1 << 20, {}));
  std::stop_source stop;
  stop.request_stop();
  EXPECT_TRUE(slow.pass(1, stop.get_token()).failed_with(Code::cancelled));
}

class LimitedStore : public CredentialsWorld {
 protected:
  Result<std::unique_ptr<BlobStore>> open() {
    StoreUrl url;
    url.scheme = StoreUrl::Scheme::s3;
    url.bucket = "test-bucket";
    url.endpoint = server_.endpoint();
    S3StoreOptions options;
    options.environment = environment_of({{"HOME", home()}});
    options.credentials = fixed_credentials(server_.credentials());
    options.clock = &clock_;
    return open_s3_store(url, std::move(options));
  }
  FakeS3Server server_{{.clock = &clock_}};
};

TEST_F(LimitedStore, KeepsToTheLimitOfTheProfileInBothDirections) {
  config("[default]\ns3 =\n  max_bandwidth = 10KB/s\n");
  const auto store = open();
  ASSERT_TRUE(store) << store.error().message();
  const Bytes data(51'200);
  const auto begin = clock_.monotonic();
  ASSERT_TRUE((*store)->put("a", data, PutCondition::none(), {}));
  ASSERT_TRUE((*store)->put("b", data, PutCondition::none(), {}));
  EXPECT_EQ(clock_.monotonic() - begin, seconds(5));
  ASSERT_TRUE((*store)->get("a", {}, {}));
  EXPECT_GE(clock_.monotonic() - begin, seconds(10));
}

TEST_F(LimitedStore, ALimitThatIsNoneIsAnError) {
  config("[default]\ns3 =\n  max_bandwidth = a lot\n");
  EXPECT_TRUE(open().failed_with(Code::invalid));
}

}  // namespace
}  // namespace mikura

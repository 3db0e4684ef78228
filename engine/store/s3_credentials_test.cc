// Credentials that run out while a push goes on: hours pass by a clock that the test moves, and the
// server takes only the latest session tokens.
#include <mutex>
#include <shared_mutex>

#include "base/task_group.h"
#include "net/credentials_test_support.h"
#include "store/retrying_store.h"
#include "store/s3_store.h"
#include "testing/fake_s3_server.h"

namespace mikura {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

class LongPush : public testing::Test {
 protected:
  LongPush() : server_({.session_token = "none yet", .clock = &clock_}) {}

  // The container's service: each time a new token, and the end of the one before the last.
  ServedResponse give() {
    const std::string token = "token" + std::to_string(++tokens_);
    server_.add_session_token(token);
    return answer(R"({"AccessKeyId":"AKIDFAKE","SecretAccessKey":"fake+secret/key","Token":")" +
                  token + R"(","Expiration":")" +
                  format_iso8601_ms(clock_.unix_ms() + lasts_.count()) + "\"}");
  }

  std::unique_ptr<BlobStore> open() {
    StoreUrl url;
    url.scheme = StoreUrl::Scheme::s3;
    url.bucket = "test-bucket";
    url.prefix = "p";
    url.endpoint = server_.endpoint();
    S3StoreOptions options;
    options.environment = environment_of(
        {{"HOME", "/nowhere"}, {"AWS_CONTAINER_CREDENTIALS_FULL_URI", service_.endpoint()}});
    options.clock = &clock_;
    options.on_credentials = [this](const CredentialReport&) { ++searches_; };
    auto store = open_s3_store(url, std::move(options));
    EXPECT_TRUE(store);
    return make_retrying_store(*std::move(store), {.policy = {}, .clock = &clock_});
  }

  StandingClock clock_;
  std::chrono::milliseconds lasts_ = hours(12);
  std::atomic<int> tokens_ = 0;
  std::atomic<int> searches_ = 0;
  FakeS3Server server_;
  RecordingService service_{[this](const ServedRequest&) { return give(); }};
};

TEST_F(LongPush, SurvivesTheExpiryOfItsSessionAfterTwelveHours) {
  const auto store = open();
  // Two days of an object every four minutes.
  for (int i = 0; i < 720; ++i) {
    const auto put =
        store->put("objects/" + std::to_string(i), as_bytes("x"), PutCondition::none(), {});
    ASSERT_TRUE(put) << i << ": " << put.error().message();
    clock_.move(minutes(4));
  }
  EXPECT_EQ(server_.keys().size(), 720U);
  // Renewed before they expire: no request was refused.
  EXPECT_EQ(server_.requests(), 720U);
  EXPECT_EQ(tokens_, 5);
  EXPECT_EQ(searches_, 1) << "the source that serves is kept";
}

// Some of whom still use the session before when another has renewed it.
TEST_F(LongPush, ManyWorkersSurviveItToo) {
  lasts_ = minutes(15);
  const auto store = open();
  std::shared_mutex moving;
  const auto done =
      for_each_bounded(400, 16, {}, [&](std::size_t i, std::stop_token stop) -> Result<void> {
        {
          // Time does not pass by the hour while a request is under way, however busy the machine
          // is.
          const std::unique_lock alone(moving);
          clock_.move(std::chrono::seconds(30));
        }
        const std::shared_lock with_others(moving);
        TRY(store->put("objects/" + std::to_string(i), as_bytes("x"), PutCondition::none(), stop));
        return {};
      });
  EXPECT_TRUE(done) << done.error().message();
  EXPECT_EQ(server_.keys().size(), 400U);
  EXPECT_GT(tokens_, 5);
}

TEST_F(LongPush, ASessionThatEndsEarlyIsRenewedAtOnce) {
  const auto store = open();
  ASSERT_TRUE(store->put("a", as_bytes("x"), PutCondition::none(), {}));
  server_.expect_session_token("revoked");
  ASSERT_TRUE(store->put("b", as_bytes("x"), PutCondition::if_absent(), {}));
  EXPECT_EQ(tokens_, 2);
  EXPECT_EQ(server_.requests(), 3U);
}

}  // namespace
}  // namespace mikura

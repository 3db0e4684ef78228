// Credentials that run out while a push goes on: hours pass by a clock that the test moves, and the
// server takes only the latest session tokens.
#include <mutex>
#include <shared_mutex>

#include "base/task_group.h"
#include "store/s3_sessions_test_support.h"

namespace mikura {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

class LongPush : public testing::Test, protected S3Sessions {};

TEST_F(LongPush, SurvivesTheExpiryOfItsSessionAfterTwelveHours) {
  const auto store = open();
  // Two days of an object every four minutes.
  for (int i = 0; i < 720; ++i) {
    const auto put =
        store->put("objects/" + std::to_string(i), as_bytes("x"), PutCondition::none(), {});
    ASSERT_TRUE(put) << i << ": " << put.error().message();
    clock.move(minutes(4));
  }
  EXPECT_EQ(server.keys().size(), 720U);
  // Renewed before they expire: no request was refused.
  EXPECT_EQ(server.requests(), 720U);
  EXPECT_EQ(tokens, 5);
  EXPECT_EQ(searches, 1) << "the source that serves is kept";
}

// Some of whom still use the session before when another has renewed it.
TEST_F(LongPush, ManyWorkersSurviveItToo) {
  lasts = minutes(15);
  const auto store = open();
  std::shared_mutex moving;
  const auto done =
      for_each_bounded(400, 16, {}, [&](std::size_t i, std::stop_token stop) -> Result<void> {
        {
          // Time does not pass by the hour while a request is under way, however busy the machine
          // is.
          const std::unique_lock alone(moving);
          clock.move(std::chrono::seconds(30));
        }
        const std::shared_lock with_others(moving);
        TRY(store->put("objects/" + std::to_string(i), as_bytes("x"), PutCondition::none(), stop));
        return {};
      });
  EXPECT_TRUE(done) << done.error().message();
  EXPECT_EQ(server.keys().size(), 400U);
  EXPECT_GT(tokens, 5);
}

TEST_F(LongPush, ASessionThatEndsEarlyIsRenewedAtOnce) {
  const auto store = open();
  ASSERT_TRUE(store->put("a", as_bytes("x"), PutCondition::none(), {}));
  server.expect_session_token("revoked");
  ASSERT_TRUE(store->put("b", as_bytes("x"), PutCondition::if_absent(), {}));
  EXPECT_EQ(tokens, 2);
  EXPECT_EQ(server.requests(), 3U);
}

}  // namespace
}  // namespace mikura

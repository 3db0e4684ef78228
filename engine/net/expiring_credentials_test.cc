#include "net/expiring_credentials.h"

#include <functional>
#include <future>
#include <thread>

#include "net/credentials_test_support.h"

namespace mikura {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// Gives keys "key1", "key2", ... that last for an hour.
class Hourly final : public ExpiringCredentials {
 public:
  explicit Hourly(Clock& clock) : ExpiringCredentials(clock) {}
  std::string describe() const override { return "a test"; }

  std::atomic<unsigned> fetched = 0;
  std::atomic<bool> fails = false;
  std::chrono::milliseconds lasts = hours(1);
  std::function<void(const std::stop_token&)> while_fetching;

 protected:
  Result<Credentials> fetch(std::stop_token stop) override {
    const unsigned number = ++fetched;
    if (while_fetching) while_fetching(stop);
    if (stop.stop_requested()) return Error(Code::cancelled, "stopped");
    if (fails) return Error(Code::transient, "the service is down");
    Credentials credentials;
    credentials.access_key_id = "key" + std::to_string(number);
    credentials.secret_access_key = SecretBytes(as_bytes("secret"));
    credentials.session_token = SecretBytes(as_bytes("token" + std::to_string(number)));
    credentials.expires_unix_ms = clock().unix_ms() + lasts.count();
    return credentials;
  }
};

std::string id_of(CredentialProvider& provider) {
  const auto found = provider.get({});
  return found ? (*found)->access_key_id : std::string(code_name(found.error().code()));
}

TEST(ExpiringCredentials, AreKeptUntilShortlyBeforeTheyExpire) {
  StandingClock clock;
  Hourly source(clock);
  EXPECT_EQ(id_of(source), "key1");
  clock.move(minutes(54));
  EXPECT_EQ(id_of(source), "key1");
  clock.move(minutes(1));
  EXPECT_EQ(id_of(source), "key2");
}

TEST(ExpiringCredentials, TheOldOnesServeToTheirEndWhenRenewingFails) {
  StandingClock clock;
  Hourly source(clock);
  EXPECT_EQ(id_of(source), "key1");
  source.fails = true;
  clock.move(minutes(56));
  EXPECT_EQ(id_of(source), "key1");
  EXPECT_EQ(id_of(source), "key1");
  EXPECT_EQ(source.fetched, 2U) << "a minute passes between attempts";
  clock.move(minutes(5));
  EXPECT_EQ(id_of(source), "transient");
  source.fails = false;
  EXPECT_EQ(id_of(source), "key4");
}

TEST(ExpiringCredentials, AClockThatIsFarAheadDoesNotMakeAStormOfRequests) {
  StandingClock clock;
  Hourly source(clock);
  source.lasts = hours(-5);  // expired already, says this machine's clock
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(id_of(source), "key1");
  EXPECT_EQ(source.fetched, 1U);
}

TEST(ExpiringCredentials, DiscardedOnesAreFetchedAnewButOnlyOnce) {
  StandingClock clock;
  Hourly source(clock);
  const auto first = source.get({});
  ASSERT_TRUE(first);
  source.discard(**first);
  EXPECT_EQ(id_of(source), "key2");
  source.discard(**first);  // from another thread, which had used the first ones as well
  EXPECT_EQ(id_of(source), "key2");
}

TEST(ExpiringCredentials, OneThreadFetchesAndTheOthersGoOnWithWhatIsValid) {
  StandingClock clock;
  Hourly source(clock);
  EXPECT_EQ(id_of(source), "key1");
  clock.move(minutes(56));
  std::promise<void> begun;
  std::promise<void> may_end;
  source.while_fetching = [&](const std::stop_token&) {
    begun.set_value();
    may_end.get_future().wait();
  };
  std::jthread renewing([&] { EXPECT_EQ(id_of(source), "key2"); });
  begun.get_future().wait();
  EXPECT_EQ(id_of(source), "key1");
  may_end.set_value();
  renewing.join();
  EXPECT_EQ(id_of(source), "key2");
  EXPECT_EQ(source.fetched, 2U);
}

TEST(ExpiringCredentials, WhoWaitsForAnotherThreadCanBeStopped) {
  StandingClock clock;
  Hourly source(clock);
  std::promise<void> begun;
  std::promise<void> may_end;
  source.while_fetching = [&](const std::stop_token&) {
    begun.set_value();
    may_end.get_future().wait();
  };
  std::jthread fetching([&] { EXPECT_EQ(id_of(source), "key1"); });
  begun.get_future().wait();
  std::stop_source stop;
  std::jthread waiting(
      [&] { EXPECT_TRUE(source.get(stop.get_token()).failed_with(Code::cancelled)); });
  stop.request_stop();
  waiting.join();
  may_end.set_value();
}

TEST(ExpiringCredentials, WhenTheOneThatFetchesIsStoppedAnotherTakesOver) {
  StandingClock clock;
  Hourly source(clock);
  std::promise<void> begun;
  std::stop_source stop;
  source.while_fetching = [&](const std::stop_token& token) {
    if (!token.stop_possible()) return;
    begun.set_value();
    while (!token.stop_requested())
      std::this_thread::yield();
  };
  std::jthread stopped(
      [&] { EXPECT_TRUE(source.get(stop.get_token()).failed_with(Code::cancelled)); });
  begun.get_future().wait();
  std::jthread other([&] { EXPECT_EQ(id_of(source), "key2"); });
  stop.request_stop();
}

}  // namespace
}  // namespace mikura

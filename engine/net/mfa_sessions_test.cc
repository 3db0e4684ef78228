// Sessions begun with a code: who begins one, who waits, and whom an old one does not serve.
#include "net/mfa_sessions.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>
#include <vector>

#include "base/bytes.h"

namespace mikura {
namespace {

Credentials session(const std::string& id, std::int64_t expires_unix_ms = 1000) {
  Credentials credentials;
  credentials.access_key_id = id;
  credentials.secret_access_key = SecretBytes(as_bytes("secret"));
  credentials.session_token = SecretBytes(as_bytes("token"));
  credentials.expires_unix_ms = expires_unix_ms;
  return credentials;
}

std::string id_of(const Result<Credentials>& got) {
  return got ? got->access_key_id : std::string(code_name(got.error().code()));
}

TEST(MfaSessions, AKnownSessionServesWhileItLasts) {
  MfaSessions sessions;
  int begun = 0;
  const auto begin = [&]() -> Result<Credentials> {
    return session("s" + std::to_string(++begun));
  };
  EXPECT_EQ(id_of(sessions.get({.role = "r"}, {}, begin)), "s1");
  const auto again = sessions.get({.role = "r"}, {}, begin);
  EXPECT_EQ(id_of(again), "s1");
  EXPECT_EQ(as_text(again->secret_access_key.expose()), "secret");
  EXPECT_EQ(as_text(again->session_token.expose()), "token");
  EXPECT_EQ(id_of(sessions.get({.role = "another"}, {}, begin)), "s2");
  EXPECT_EQ(id_of(sessions.get({.role = "r", .valid_after_unix_ms = 1000}, {}, begin)), "s3");
  EXPECT_EQ(id_of(sessions.get({.role = "r", .other_than = "s3"}, {}, begin)), "s4");
  EXPECT_EQ(id_of(sessions.get({.role = "r", .other_than = "s3"}, {}, begin)), "s4");
}

TEST(MfaSessions, OfSeveralAtOnceOneBegins) {
  MfaSessions sessions;
  std::atomic<int> begun = 0;
  std::latch all_here(4);
  std::vector<std::string> got(4);
  {
    std::vector<std::jthread> threads;
    for (std::string& mine : got) {
      threads.emplace_back([&] {
        all_here.arrive_and_wait();
        mine = id_of(sessions.get({.role = "r"}, {}, [&]() -> Result<Credentials> {
          const int n = ++begun;
          std::this_thread::sleep_for(std::chrono::milliseconds(20));
          return session("s" + std::to_string(n));
        }));
      });
    }
  }
  EXPECT_EQ(begun, 1);
  EXPECT_EQ(got, std::vector<std::string>(4, "s1"));
}

TEST(MfaSessions, WhoWaitedForNothingBeginsItself) {
  MfaSessions sessions;
  std::latch asking(1);
  std::latch refuse(1);
  std::string first;
  std::jthread thread([&] {
    first = id_of(sessions.get({.role = "r"}, {}, [&]() -> Result<Credentials> {
      asking.count_down();
      refuse.wait();
      return Error(Code::denied, "no code");
    }));
  });
  asking.wait();
  std::stop_source given_up;
  given_up.request_stop();
  const auto never = []() -> Result<Credentials> { return session("not asked"); };
  EXPECT_EQ(id_of(sessions.get({.role = "r"}, given_up.get_token(), never)), "cancelled");
  refuse.count_down();
  const auto mine = [] { return Result<Credentials>(session("mine")); };
  EXPECT_EQ(id_of(sessions.get({.role = "r"}, {}, mine)), "mine");
  thread.join();
  EXPECT_EQ(first, "denied");
}

}  // namespace
}  // namespace mikura

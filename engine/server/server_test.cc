// The server with an engine that does what a test says: order, cancellation, keys, the end.
#include "server/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <mutex>

#include "crypto/user_key.h"
#include "server/server_test_support.h"

namespace mikura {
namespace {

using ::testing::ElementsAre;
using Clock_ = std::chrono::steady_clock;

// Blocks until a stop is requested, as a store that does not answer.
Error block(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait(lock, stop, [] { return false; });
  return Error(Code::cancelled, "cancelled");
}

int code_of(const Json& answer) {
  return answer.contains("error") ? answer["error"]["code"].get<int>() : 0;
}

TEST(Server, NothingIsCalledBeforeInitialize) {
  FakeWork work;
  TestClient client(fake_served_engine(work));
  client.request(1, "folder/open", {{"folder", "/p"}});
  EXPECT_EQ(code_of(client.answer(1)), rpc_code::kNotInitialized);
  client.request(2, "initialize", {{"protocol", {{"min", 2}, {"max", 9}}}});
  EXPECT_EQ(client.answer(2)["error"]["data"]["code"], "unsupported");
  client.request(3, "folder/open", {{"folder", "/p"}});
  EXPECT_EQ(code_of(client.answer(3)), rpc_code::kNotInitialized);
  client.begin();
}

TEST(Server, WhatIsNoJsonIsAnsweredAndTheNextMessageIsRead) {
  FakeWork work;
  TestClient client(fake_served_engine(work));
  client.send_text("this is not JSON");
  EXPECT_EQ(code_of(client.answer(nullptr)), rpc_code::kParseError);
  client.begin();
}

TEST(Server, ABrokenHeaderEndsTheProcess) {
  FakeWork work;
  TestClient client(fake_served_engine(work));
  client.send_bytes("Content-Length: many\r\n\r\n");
  const auto end = client.join();
  ASSERT_TRUE(end);
  EXPECT_EQ(*end, ServerEnd::broken);
}

TEST(Server, ARunningCallIsCancelledWithin50Milliseconds) {
  FakeWork work;
  std::binary_semaphore running(0);
  work.sync = [&](const Environment&, const SyncRequest&,
                  const std::stop_token& stop) -> Result<SyncReport> {
    running.release();
    return block(stop);
  };
  TestClient client(fake_served_engine(work));
  client.begin();
  client.request(1, "sync", {{"folder", "/p"}});
  running.acquire();
  const auto asked = Clock_::now();
  client.notify("$/cancelRequest", {{"id", 1}});
  EXPECT_EQ(code_of(client.answer(1)), rpc_code::kCancelled);
  EXPECT_LT(Clock_::now() - asked, std::chrono::milliseconds(50));
}

TEST(Server, ACallThatWaitsForItsTurnIsCancelledAtOnceAndNeverRuns) {
  FakeWork work;
  std::atomic<int> syncs = 0;
  std::binary_semaphore running(0);
  std::binary_semaphore go_on(0);
  work.sync = [&](auto&&...) -> Result<SyncReport> {
    ++syncs;
    running.release();
    go_on.acquire();
    return SyncReport();
  };
  TestClient client(fake_served_engine(work));
  client.begin();
  client.request(1, "sync", {{"folder", "/p"}});
  running.acquire();
  client.request(2, "sync", {{"folder", "/p"}});
  client.notify("$/cancelRequest", {{"id", 2}});
  EXPECT_EQ(code_of(client.answer(2)), rpc_code::kCancelled);
  go_on.release();
  EXPECT_TRUE(client.answer(1).contains("result"));
  EXPECT_TRUE(client.finish());
  EXPECT_EQ(syncs, 1);
}

TEST(Server, ALookIsAnsweredAtOnceEvenIfItCannotStop) {
  FakeWork work;
  std::binary_semaphore running(0);
  std::binary_semaphore go_on(0);
  work.status = [&](auto&&...) -> Result<StatusReport> {
    running.release();
    go_on.acquire();  // as the derivation of a key from a passphrase
    return StatusReport();
  };
  TestClient client(fake_served_engine(work));
  client.begin();
  client.request(1, "status", {{"folder", "/p"}});
  running.acquire();
  client.notify("$/cancelRequest", {{"id", 1}});
  EXPECT_EQ(code_of(client.answer(1)), rpc_code::kCancelled);
  go_on.release();
}

TEST(Server, ChangesOfAFolderRunInTheOrderInWhichTheyCame) {
  FakeWork work;
  std::vector<std::string> order;
  std::atomic<int> at_once = 0;
  work.sync = [&](const Environment&, const SyncRequest& request,
                  const std::stop_token&) -> Result<SyncReport> {
    EXPECT_EQ(++at_once, 1);
    order.push_back(request.message);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    --at_once;
    return SyncReport();
  };
  TestClient client(fake_served_engine(work));
  client.begin();
  for (int i = 1; i <= 4; ++i)
    client.request(i, "sync", {{"folder", "/p"}, {"message", std::to_string(i)}});
  for (int i = 1; i <= 4; ++i)
    EXPECT_TRUE(client.answer(i).contains("result"));
  EXPECT_THAT(order, ElementsAre("1", "2", "3", "4"));
}

TEST(Server, ALookNeverWaitsForAChange) {
  FakeWork work;
  work.sync = [&](const Environment&, const SyncRequest&,
                  const std::stop_token& stop) -> Result<SyncReport> { return block(stop); };
  TestClient client(fake_served_engine(work));
  client.begin();
  client.request(1, "sync", {{"folder", "/p"}});
  client.request(2, "status", {{"folder", "/p"}});
  EXPECT_TRUE(client.answer(2).contains("result"));
}

TEST(Server, FourLooksRunAtOnceAndNoMore) {
  FakeWork work;
  std::counting_semaphore<16> running(0);
  std::counting_semaphore<16> go_on(0);
  work.status = [&](auto&&...) -> Result<StatusReport> {
    running.release();
    go_on.acquire();
    return StatusReport();
  };
  TestClient client(fake_served_engine(work));
  client.begin();
  for (int i = 1; i <= 5; ++i)
    client.request(i, "status", {{"folder", "/p"}});
  for (int i = 0; i < 4; ++i)
    running.acquire();
  EXPECT_FALSE(running.try_acquire_for(std::chrono::milliseconds(100)));
  go_on.release(5);
  for (int i = 1; i <= 5; ++i)
    EXPECT_TRUE(client.answer(i).contains("result"));
}

TEST(Server, TwoCallsOfOneIdAreNotRunAtOnce) {
  FakeWork work;
  work.sync = [&](const Environment&, const SyncRequest&,
                  const std::stop_token& stop) -> Result<SyncReport> { return block(stop); };
  TestClient client(fake_served_engine(work));
  client.begin();
  client.request(1, "sync", {{"folder", "/p"}});
  client.request(1, "status", {{"folder", "/p"}});
  EXPECT_EQ(code_of(client.answer(1)), rpc_code::kInvalidRequest);
}

TEST(Server, ClosingAFolderCancelsItsCallsAndForgetsIt) {
  FakeWork work;
  work.sync = [&](const Environment&, const SyncRequest&,
                  const std::stop_token& stop) -> Result<SyncReport> { return block(stop); };
  TestClient client(fake_served_engine(work));
  client.begin();
  client.request(1, "sync", {{"folder", "/p"}});
  client.request(2, "sync", {{"folder", "/p"}});
  client.request(3, "folder/close", {{"folder", "/p"}});
  EXPECT_EQ(code_of(client.answer(1)), rpc_code::kCancelled);
  EXPECT_EQ(code_of(client.answer(2)), rpc_code::kCancelled);
  EXPECT_TRUE(client.answer(3).contains("result"));
  client.request(4, "status", {{"folder", "/p"}});
  EXPECT_EQ(client.answer(4)["error"]["data"]["code"], "not_open");
}

TEST(Server, TheEndOfInputCancelsWhatRuns) {
  FakeWork work;
  std::binary_semaphore running(0);
  work.sync = [&](const Environment&, const SyncRequest&,
                  const std::stop_token& stop) -> Result<SyncReport> {
    running.release();
    return block(stop);
  };
  TestClient client(fake_served_engine(work));
  client.begin();
  client.request(1, "sync", {{"folder", "/p"}});
  running.acquire();
  const auto end = client.finish();
  ASSERT_TRUE(end);
  EXPECT_EQ(*end, ServerEnd::input_ended);
  // A client that still listens is told.
  EXPECT_EQ(code_of(client.answer(1)), rpc_code::kCancelled);
}

TEST(Server, AStopEndsIt) {
  FakeWork work;
  TestClient client(fake_served_engine(work));
  client.begin();
  client.stop();
  EXPECT_TRUE(client.join().failed_with(Code::cancelled));
}

TEST(Server, AClientThatReadsNoMoreDoesNotHoldItUp) {
  std::signal(SIGPIPE, SIG_IGN);  // as main() does
  FakeWork work;
  TestClient client(fake_served_engine(work));
  client.begin();
  client.close_output();
  client.request(1, "status", {{"folder", "/p"}});
  client.request(2, "status", {{"folder", "/p"}});
  EXPECT_TRUE(client.finish());
}

// A session that needs the key each time it syncs, and takes only the right one.
class Keyed {
 public:
  Keyed() : right_(generate_user_key(system_random())) {
    work.sync = [this](const Environment& environment, const SyncRequest&,
                       const std::stop_token&) -> Result<SyncReport> {
      RepositoryId repository;
      repository.mutable_bytes()[0] = std::byte{1};
      TRY_ASSIGN(const KeySource key,
                 environment.key({repository, "file:///s", false, true, true}));
      const auto* const user_key = std::get_if<UserKey>(&key.secret);
      const bool right =
          user_key != nullptr && std::ranges::equal(user_key->expose(), right_.expose());
      if (!right) return Error(Code::wrong_key, "that key does not fit");
      return SyncReport();
    };
  }
  std::string text() const { return std::string(as_text(format_user_key(right_).expose())); }

  FakeWork work;

 private:
  UserKey right_;
};

void give(TestClient& client, const Json& secret, bool expected_retry) {
  const Json asked = client.called("secret/get");
  ASSERT_TRUE(asked.is_object());
  EXPECT_EQ(asked["params"]["retry"], expected_retry);
  client.send({{"jsonrpc", "2.0"}, {"id", asked["id"]}, {"result", {{"secret", secret}}}});
}

TEST(Server, TheKeyIsAskedForOnceAndKept) {
  Keyed keyed;
  TestClient client(fake_served_engine(keyed.work));
  client.begin();
  client.request(1, "sync", {{"folder", "/p"}});
  give(client, keyed.text(), false);
  EXPECT_TRUE(client.answer(1).contains("result"));
  client.request(2, "sync", {{"folder", "/p"}});
  EXPECT_TRUE(client.answer(2).contains("result"));
}

TEST(Server, AForgottenKeyIsAskedForAgain) {
  Keyed keyed;
  TestClient client(fake_served_engine(keyed.work));
  client.begin();
  client.request(1, "sync", {{"folder", "/p"}});
  give(client, keyed.text(), false);
  EXPECT_TRUE(client.answer(1).contains("result"));
  client.request(2, "key/forget", {{"repository", "01000000-0000-0000-0000-000000000000"}});
  EXPECT_TRUE(client.answer(2).contains("result"));
  client.request(3, "sync", {{"folder", "/p"}});
  give(client, keyed.text(), false);
  EXPECT_TRUE(client.answer(3).contains("result"));
}

TEST(Server, AWrongKeyIsAskedForOnceMoreAndThenTheCallFails) {
  Keyed keyed;
  TestClient client(fake_served_engine(keyed.work));
  client.begin();
  client.request(1, "sync", {{"folder", "/p"}});
  give(client, "a wrong passphrase", false);
  give(client, keyed.text(), true);
  EXPECT_TRUE(client.answer(1).contains("result"));

  client.request(2, "key/forget", {{"repository", "01000000-0000-0000-0000-000000000000"}});
  EXPECT_TRUE(client.answer(2).contains("result"));
  client.request(3, "sync", {{"folder", "/p"}});
  give(client, "a wrong passphrase", false);
  give(client, "another wrong one", true);
  EXPECT_EQ(client.answer(3)["error"]["data"]["code"], "wrong_key");
  // The second one is not kept either.
  client.request(4, "sync", {{"folder", "/p"}});
  give(client, keyed.text(), false);
  EXPECT_TRUE(client.answer(4).contains("result"));
}

TEST(Server, WithoutAKeyTheCallSaysSo) {
  Keyed keyed;
  TestClient client(fake_served_engine(keyed.work));
  client.begin();
  client.request(1, "sync", {{"folder", "/p"}});
  give(client, nullptr, false);
  EXPECT_EQ(client.answer(1)["error"]["data"]["code"], "key_missing");
}

TEST(Server, ACancelledCallTakesItsQuestionBack) {
  Keyed keyed;
  TestClient client(fake_served_engine(keyed.work));
  client.begin();
  client.request(1, "sync", {{"folder", "/p"}});
  const Json asked = client.called("secret/get");
  client.notify("$/cancelRequest", {{"id", 1}});
  EXPECT_EQ(client.called("$/cancelRequest")["params"]["id"], asked["id"]);
  EXPECT_EQ(code_of(client.answer(1)), rpc_code::kCancelled);
  // An answer that comes too late is no harm.
  client.send({{"jsonrpc", "2.0"}, {"id", asked["id"]}, {"result", {{"secret", "too late"}}}});
  client.request(2, "sync", {{"folder", "/p"}});
  give(client, keyed.text(), false);
  EXPECT_TRUE(client.answer(2).contains("result"));
}

// A session whose store wants the code of a device each time it syncs.
class Coded {
 public:
  Coded() {
    work.sync = [this](const Environment& environment, const SyncRequest&,
                       const std::stop_token& stop) -> Result<SyncReport> {
      TRY_ASSIGN(const SecretBytes code,
                 environment.mfa({"work", "arn:role", "arn:mfa/me", false}, stop));
      EXPECT_EQ(as_text(code.expose()), "123456");
      ++codes;
      return SyncReport();
    };
  }
  FakeWork work;
  std::atomic<int> codes = 0;
};

void give_code(TestClient& client, const Json& code) {
  const Json asked = client.called("mfa/get");
  ASSERT_TRUE(asked.is_object());
  const Json params = {
      {"profile", "work"}, {"role", "arn:role"}, {"serial", "arn:mfa/me"}, {"retry", false}};
  EXPECT_EQ(asked["params"], params);
  client.send({{"jsonrpc", "2.0"}, {"id", asked["id"]}, {"result", {{"code", code}}}});
}

TEST(Server, TheCodeOfADeviceIsAskedForAndKeptNowhere) {
  Coded coded;
  TestClient client(fake_served_engine(coded.work));
  client.begin();
  for (int id = 1; id <= 2; ++id) {
    client.request(id, "sync", {{"folder", "/p"}});
    give_code(client, "123456");
    EXPECT_TRUE(client.answer(id).contains("result"));
  }
  EXPECT_EQ(coded.codes, 2);
}

TEST(Server, WithoutACodeTheCallSaysSo) {
  Coded coded;
  TestClient client(fake_served_engine(coded.work));
  client.begin();
  for (const Json& no_code : {Json(nullptr), Json("12"), Json(123456)}) {
    client.request(1, "sync", {{"folder", "/p"}});
    give_code(client, no_code);
    const Json answer = client.answer(1);
    EXPECT_EQ(answer["error"]["data"]["code"], "mfa_missing");
    EXPECT_EQ(answer["error"]["data"]["hint"], "Enter the code that the device shows.");
  }
  EXPECT_EQ(coded.codes, 0);
  // The state of the folder says the same, so that a window opened later can.
  const Json state = client.next([](const Json& message) {
    return message.contains("method") && message["method"] == "folder/state" &&
           message["params"]["problem"].is_object();
  });
  EXPECT_EQ(state["params"]["problem"]["code"], "mfa_missing");
}

TEST(Server, WhoSaysNoToOneCallIsNotAskedForThoseThatCameBefore) {
  Coded coded;
  TestClient client(fake_served_engine(coded.work));
  client.begin();
  client.request(1, "sync", {{"folder", "/p"}});
  client.request(2, "sync", {{"folder", "/p"}});
  // Read after the second call, so that both have come when the person says no.
  client.request("l", "conflicts", {{"folder", "/p"}});
  EXPECT_TRUE(client.answer("l").contains("result"));
  give_code(client, nullptr);
  EXPECT_EQ(client.answer(1)["error"]["data"]["code"], "mfa_missing");
  EXPECT_EQ(client.answer(2)["error"]["data"]["code"], "mfa_missing");
  client.request(3, "sync", {{"folder", "/p"}});
  give_code(client, "123456");
  EXPECT_TRUE(client.answer(3).contains("result"));
}

TEST(Server, UnsavedTextIsHeldBack) {
  FakeWork work;
  std::vector<std::string> held;
  work.sync = [&](const Environment&, const SyncRequest& request,
                  const std::stop_token&) -> Result<SyncReport> {
    held = request.hold;
    return SyncReport();
  };
  TestClient client(fake_served_engine(work));
  client.begin();
  client.notify("unsaved/set", {{"folder", "/p"}, {"paths", {"a.txt", "b/c"}}});
  client.request(1, "sync", {{"folder", "/p"}});
  EXPECT_TRUE(client.answer(1).contains("result"));
  EXPECT_THAT(held, ElementsAre("a.txt", "b/c"));
}

TEST(Server, ProgressComesSeldomEnoughAndNotAtOnce) {
  FakeWork work;
  work.sync = [&](const Environment& environment, const SyncRequest&,
                  const std::stop_token&) -> Result<SyncReport> {
    for (unsigned i = 0; i < 100; ++i) {
      environment.progress({Progress::Phase::uploading, i, 100, 0, 0});
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return SyncReport();
  };
  TestClient client(fake_served_engine(work));
  client.begin();
  const auto began = Clock_::now();
  client.request(1, "sync", {{"folder", "/p"}, {"progress_token", "t"}});
  std::size_t reports = 0;
  for (;;) {
    const Json message =
        client.next([](const Json& m) { return m.contains("id") || m["method"] == "$/progress"; });
    if (message.contains("id")) break;
    if (++reports == 1) {
      EXPECT_GE(Clock_::now() - began, std::chrono::milliseconds(150));
    }
    EXPECT_EQ(message["params"]["token"], "t");
    EXPECT_EQ(message["params"]["value"]["phase"], "uploading");
  }
  EXPECT_GE(reports, 1U);
  EXPECT_LE(reports, 1U + static_cast<std::size_t>((Clock_::now() - began) /
                                                   std::chrono::milliseconds(200)));
}

}  // namespace
}  // namespace mikura

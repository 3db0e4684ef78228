// Watching: where its syncs stand, and what the client hears of it.
#include "server/watching.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/server_test_support.h"

namespace mikura {
namespace {

using ::testing::ElementsAre;

TEST(Watching, IsStartedWithItsSettingsAndGivenNewOnes) {
  FakeWork work;
  TestClient client(fake_served_engine(work));
  client.begin();
  client.request(1, "watch/start", {{"folder", "/p"}, {"settings", {{"quiet_ms", 7}}}});
  EXPECT_TRUE(client.answer(1).contains("result"));
  client.request(2, "watch/start",
                 {{"folder", "/p"}, {"settings", {{"poll_seconds", 0}, {"sync", false}}}});
  EXPECT_TRUE(client.answer(2).contains("result"));
  ASSERT_EQ(work.settings.size(), 2U);
  EXPECT_EQ(work.settings[0].quiet, std::chrono::milliseconds(7));
  EXPECT_EQ(work.settings[0].poll, std::chrono::seconds(300));
  EXPECT_EQ(work.settings[1].poll, std::chrono::seconds(0));
  EXPECT_FALSE(work.settings[1].sync);
  EXPECT_EQ(work.watches, 1);
  client.notify("watch/hint", {{"folder", "/p"}});
  client.request(3, "sync", {{"folder", "/p"}});
  EXPECT_TRUE(client.answer(3).contains("result"));
  EXPECT_EQ(work.hints, 1);
  EXPECT_EQ(work.by_hand, 1);
  client.request(4, "watch/stop", {{"folder", "/p"}});
  EXPECT_TRUE(client.answer(4).contains("result"));
  EXPECT_EQ(work.watches, 0);
}

TEST(Watching, AFolderWithoutARepositoryCannotBeWatched) {
  FakeWork work;
  work.linked = false;
  TestClient client(fake_served_engine(work));
  client.begin();
  client.request(1, "watch/start", {{"folder", "/p"}});
  EXPECT_EQ(client.answer(1)["error"]["data"]["code"], "not_linked");
}

TEST(Watching, ClosingTheFolderEndsIt) {
  FakeWork work;
  TestClient client(fake_served_engine(work));
  client.begin();
  client.request(1, "watch/start", {{"folder", "/p"}});
  EXPECT_TRUE(client.answer(1).contains("result"));
  client.request(2, "folder/close", {{"folder", "/p"}});
  EXPECT_TRUE(client.answer(2).contains("result"));
  EXPECT_EQ(work.watches, 0);
}

// A sync by hand that lasts until it is let go, and a watch that wants to sync meanwhile.
class WatchingWhileItSyncs : public ::testing::Test {
 protected:
  WatchingWhileItSyncs() {
    work_.sync = [this](const Environment&, const SyncRequest& request,
                        const std::stop_token&) -> Result<SyncReport> {
      order_.push_back(request.message.empty() ? "watch" : request.message);
      held_ = request.hold;
      if (!request.message.empty()) {
        running_.release();
        go_on_.acquire();
      }
      SyncReport report;
      report.generation = 5;
      return report;
    };
    client_.begin();
    client_.request(1, "watch/start", {{"folder", "/p"}});
    EXPECT_TRUE(client_.answer(1).contains("result"));
    client_.notify("unsaved/set", {{"folder", "/p"}, {"paths", {"open.txt"}}});
    client_.request(2, "sync", {{"folder", "/p"}, {"message", "by hand"}});
    running_.acquire();
  }

  FakeWork work_;
  std::vector<std::string> order_;
  std::vector<std::string> held_;
  std::binary_semaphore running_{0};
  std::binary_semaphore go_on_{0};
  TestClient client_{fake_served_engine(work_)};
};

TEST_F(WatchingWhileItSyncs, ItsSyncsStandInTheFoldersStrand) {
  Result<SyncReport> report = SyncReport();
  std::jthread watch([&] { report = work_.hooks->sync({}); });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_THAT(order_, ElementsAre("by hand"));
  go_on_.release();
  watch.join();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->generation, 5U);
  EXPECT_THAT(order_, ElementsAre("by hand", "watch"));
  EXPECT_THAT(held_, ElementsAre("open.txt"));
}

TEST_F(WatchingWhileItSyncs, AStopEndsItsWaitForItsTurn) {
  std::stop_source stop;
  Result<SyncReport> report = SyncReport();
  std::jthread watch([&] { report = work_.hooks->sync(stop.get_token()); });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  stop.request_stop();
  watch.join();
  EXPECT_TRUE(report.failed_with(Code::cancelled));
  go_on_.release();
  EXPECT_TRUE(client_.answer(2).contains("result"));
  EXPECT_THAT(order_, ElementsAre("by hand"));
}

TEST(Watching, WhatItSeesIsTold) {
  FakeWork work;
  TestClient client(fake_served_engine(work));
  client.begin();
  client.request(1, "watch/start", {{"folder", "/p"}});
  EXPECT_TRUE(client.answer(1).contains("result"));
  WatchState seen;
  seen.sync.activity = AutoActivity::waiting;
  seen.sync.next_ms = 42;
  seen.degraded = "too many folders";
  work.hooks->changed(seen);
  const Json state = client.next([](const Json& message) {
    return message.contains("method") && message["method"] == "folder/state" &&
           message["params"]["activity"] == "waiting";
  })["params"];
  EXPECT_EQ(state["next_ms"], 42);
  EXPECT_EQ(state["watching"]["on_change"], true);
  EXPECT_EQ(state["watching"]["degraded"], "too many folders");
  EXPECT_EQ(state["revision"], 2);
}

TEST(Watching, AProblemIsToldByTheNameThatTheClientKnows) {
  FolderState state;
  WatchState watch;
  watch.sync.activity = AutoActivity::stopped;
  watch.sync.problem = AutoProblem{Code::denied, "no access", "ask for it", false};
  take_watch_state(state, watch, "");
  EXPECT_EQ(state.problem["code"], "denied");
  EXPECT_EQ(state.problem["message"], "no access");
  EXPECT_EQ(state.resting, Activity::stopped);
  watch.sync.problem->code = Code::invalid;
  take_watch_state(state, watch, "key_missing");
  EXPECT_EQ(state.problem["code"], "key_missing");
  watch.sync.problem->code = Code::cancelled;
  take_watch_state(state, watch, "");
  EXPECT_TRUE(state.problem.is_null());
}

WatchState stopped_by(Code code) {
  WatchState watch;
  watch.sync.activity = AutoActivity::stopped;
  watch.sync.problem = AutoProblem{code, "no code", "", false};
  return watch;
}

TEST(Watching, WhatARoundFailedWithKeepsItsNameThroughLooks) {
  FakeWork work;
  work.sync = [](const Environment& environment, const SyncRequest&,
                 const std::stop_token& stop) -> Result<SyncReport> {
    TRY_ASSIGN(const SecretBytes code, environment.mfa({"work", "role", "device", false}, stop));
    return SyncReport();
  };
  TestClient client(fake_served_engine(work));
  client.begin();
  client.request(1, "watch/start", {{"folder", "/p"}});
  EXPECT_TRUE(client.answer(1).contains("result"));
  const auto give = [&](const Json& code) {
    const Json asked = client.called("mfa/get");
    client.send({{"jsonrpc", "2.0"}, {"id", asked["id"]}, {"result", {{"code", code}}}});
  };
  // What the client hears when the watch says how its round, or one by hand, has ended.
  const auto problem = [&] {
    work.hooks->changed(stopped_by(Code::denied));
    const Json state = client.next([](const Json& message) {
      return message.contains("method") && message["method"] == "folder/state" &&
             message["params"]["problem"].is_object() &&
             message["params"]["problem"]["message"] == "no code";
    });
    work.hooks->changed({});
    return state["params"]["problem"]["code"];
  };
  {
    const std::jthread round([&] { EXPECT_FALSE(work.hooks->sync({})); });
    give(nullptr);
  }
  EXPECT_TRUE(work.hooks->folders({}));
  EXPECT_EQ(problem(), "mfa_missing");

  client.request(2, "sync", {{"folder", "/p"}});
  give("123456");
  EXPECT_TRUE(client.answer(2).contains("result"));
  EXPECT_EQ(problem(), "denied");

  client.request(3, "sync", {{"folder", "/p"}});
  give(nullptr);
  EXPECT_EQ(client.answer(3)["error"]["data"]["code"], "mfa_missing");
  EXPECT_EQ(problem(), "mfa_missing");
}

TEST(Watching, TheEndOfARoundMakesTheClientAskAgain) {
  FolderState state;
  WatchState watch;
  watch.sync.activity = AutoActivity::syncing;
  take_watch_state(state, watch, "");
  const std::uint64_t before = state.revision;
  watch.sync.activity = AutoActivity::idle;
  watch.sync.last_sync = LastSync{7, std::nullopt, 3, 1, 2};
  take_watch_state(state, watch, "");
  EXPECT_EQ(state.revision, before + 1);
  EXPECT_EQ(state.last_sync["generation"], 3);
  // Nothing more to ask about.
  take_watch_state(state, watch, "");
  EXPECT_EQ(state.revision, before + 1);
}

}  // namespace
}  // namespace mikura

// For tests of the server: an engine that does what a test says, and a client at the other end of
// two pipes.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include "server/framing.h"
#include "server/server.h"
#include "wire/json.h"

namespace mikura {

// What the fake sessions do; called from the server's threads.
struct FakeWork {
  std::function<Result<SyncReport>(const Environment&, const SyncRequest&, std::stop_token)> sync =
      [](auto&&...) { return SyncReport(); };
  std::function<Result<StatusReport>(const Environment&, std::stop_token)> status = [](auto&&...) {
    return StatusReport();
  };
  bool linked = true;
  // Of the watch that was started last.
  std::optional<WatchHooks> hooks;
  std::vector<AutoSyncSettings> settings;
  std::atomic<int> hints = 0, by_hand = 0, watches = 0;
};

// A watch that does nothing by itself: the test calls its hooks.
class FakeWatch final : public Watch {
 public:
  explicit FakeWatch(FakeWork& work) : work_(work) { ++work_.watches; }
  ~FakeWatch() override { --work_.watches; }
  void configure(const AutoSyncSettings& settings) override { work_.settings.push_back(settings); }
  void hint() override { ++work_.hints; }
  void pause(std::optional<std::chrono::seconds>) override {}
  void resume() override {}
  void ran_by_hand(const Result<SyncReport>&) override { ++work_.by_hand; }
  WatchState state() override { return {}; }

 private:
  FakeWork& work_;
};

class FakeServedSession final : public Session {
 public:
  FakeServedSession(FakeWork& work, Environment environment)
      : work_(work), environment_(std::move(environment)) {}

  const std::string& root() const override { return root_; }
  Result<SyncReport> sync(const SyncRequest& request, std::stop_token stop) override {
    return work_.sync(environment_, request, std::move(stop));
  }
  Result<StatusReport> status(bool, std::stop_token stop) override {
    return work_.status(environment_, std::move(stop));
  }
  Result<bool> has_remote_news(std::stop_token) override { return false; }
  Result<std::vector<std::string>> folders(std::stop_token) override {
    return std::vector<std::string>{""};
  }
  Result<void> log(const LogRequest&, const std::function<bool(const VersionInfo&)>&,
                   std::stop_token) override {
    return {};
  }
  Result<VersionId> resolve_version(const std::string&, std::stop_token) override {
    return VersionId();
  }
  Result<VersionInfo> version_info(const VersionId&, std::stop_token) override {
    return VersionInfo();
  }
  Result<std::vector<Entry>> version_entries(const VersionId&, std::stop_token) override {
    return std::vector<Entry>();
  }
  Result<std::vector<DiffEntry>> diff(const DiffSide&, const DiffSide&,
                                      const std::vector<std::string>&, std::stop_token) override {
    return std::vector<DiffEntry>();
  }
  Result<void> read_content(const DiffSide&, const std::string&,
                            const std::function<Result<void>(ByteSpan)>&,
                            std::stop_token) override {
    return {};
  }
  Result<Entry> read_version_file(const std::string&, const std::string&,
                                  const std::function<Result<void>(const Entry&)>&,
                                  const std::function<Result<void>(ByteSpan)>&,
                                  std::stop_token) override {
    return Entry();
  }
  Result<RestoreReport> restore(const RestoreRequest&, std::stop_token) override {
    return RestoreReport();
  }
  Result<DiscardReport> discard(const DiscardRequest&, std::stop_token) override {
    return DiscardReport();
  }
  Result<std::vector<ConflictInfo>> conflicts() override { return std::vector<ConflictInfo>(); }
  Result<ResolveReport> resolve(const ResolveRequest&, std::stop_token) override {
    return ResolveReport();
  }
  Result<WorkspaceSettings> settings() override { return WorkspaceSettings(); }
  Result<WorkspaceSettings> configure(const ConfigureRequest&) override {
    return WorkspaceSettings();
  }
  std::vector<DoctorCheck> doctor(std::stop_token) override { return {}; }
  Result<std::string> to_index_path(const std::string& typed, const std::string&) override {
    return typed;
  }

 private:
  FakeWork& work_;
  Environment environment_;
  std::string root_ = "/nowhere";
};

inline ServedEngine fake_served_engine(FakeWork& work) {
  ServedEngine engine = real_served_engine();
  engine.open = [&work](const std::string&,
                        Environment environment) -> Result<std::unique_ptr<Session>> {
    return std::unique_ptr<Session>(
        std::make_unique<FakeServedSession>(work, std::move(environment)));
  };
  engine.inspect_folder = [&work](const std::string& folder) -> Result<std::optional<FolderInfo>> {
    if (!work.linked) return std::optional<FolderInfo>();
    FolderInfo info;
    info.root = folder;
    info.repository.mutable_bytes()[0] = std::byte{1};
    return std::optional<FolderInfo>(info);
  };
  engine.watch = [&work](const std::string&, const AutoSyncSettings& settings, const Environment&,
                         WatchHooks hooks) -> Result<std::unique_ptr<Watch>> {
    work.settings.push_back(settings);
    work.hooks = std::move(hooks);
    return std::unique_ptr<Watch>(std::make_unique<FakeWatch>(work));
  };
  return engine;
}

// A server in a thread, and the client's end.
class TestClient {
 public:
  explicit TestClient(ServedEngine engine) {
    std::array<int, 2> to{};
    std::array<int, 2> from{};
    EXPECT_EQ(::pipe(to.data()), 0);
    EXPECT_EQ(::pipe(from.data()), 0);
    to_server_.reset(to[1]);
    from_server_.reset(from[0]);
    server_ = std::jthread([this, engine = std::move(engine), in = to[0], out = from[1]] {
      end_ = run_server(Fd(in), Fd(out), engine, {"/nowhere/state", "a@b", "b", "test"},
                        stop_.get_token());
    });
  }
  ~TestClient() { to_server_.reset(); }

  void send_text(const std::string& text) {
    EXPECT_TRUE(write_fully(to_server_.get(), as_bytes(framed(text)), "the server"));
  }
  void send(const Json& message) { send_text(json_line(message)); }
  void request(const Json& id, const std::string& method, Json params) {
    send({{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", std::move(params)}});
  }
  void notify(const std::string& method, Json params) {
    send({{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}});
  }
  // Says what every client says first.
  void begin(const std::string& folder = "/p") {
    request("i", "initialize", {{"protocol", {{"min", 1}, {"max", 1}}}});
    EXPECT_TRUE(answer("i").contains("result"));
    request("o", "folder/open", {{"folder", folder}});
    EXPECT_TRUE(answer("o").contains("result"));
  }

  // The next message that `wanted` accepts; others wait for a later call. null at the end.
  Json next(const std::function<bool(const Json&)>& wanted) {
    for (auto message = pending_.begin(); message != pending_.end(); ++message) {
      if (!wanted(*message)) continue;
      Json found = std::move(*message);
      pending_.erase(message);
      return found;
    }
    for (;;) {
      Json message = read();
      if (message.is_null() || wanted(message)) return message;
      pending_.push_back(std::move(message));
    }
  }
  Json answer(const Json& id) {
    return next(
        [&](const Json& message) { return !message.contains("method") && message["id"] == id; });
  }
  Json called(const std::string& method) {
    return next([&](const Json& message) {
      return message.contains("method") && message["method"] == method;
    });
  }

  // Ends the input and waits.
  Result<ServerEnd> finish() {
    to_server_.reset();
    server_.join();
    return end_;
  }
  Result<ServerEnd> join() {
    server_.join();
    return end_;
  }
  void stop() { stop_.request_stop(); }
  void close_output() { from_server_.reset(); }
  void send_bytes(const std::string& bytes) {
    EXPECT_TRUE(write_fully(to_server_.get(), as_bytes(bytes), "the server"));
  }

 private:
  Json read() {
    for (;;) {
      auto message = parser_.next();
      if (!message) return nullptr;
      if (*message) return *parse_json(**message);
      std::array<std::byte, 4096> buffer;
      const ssize_t n = ::read(from_server_.get(), buffer.data(), buffer.size());
      if (n <= 0) return nullptr;
      parser_.feed(std::span(buffer).first(static_cast<std::size_t>(n)));
    }
  }

  Fd to_server_;
  Fd from_server_;
  FrameParser parser_;
  std::vector<Json> pending_;
  std::stop_source stop_;
  Result<ServerEnd> end_ = ServerEnd::broken;
  std::jthread server_;
};

}  // namespace mikura

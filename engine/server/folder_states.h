// FolderStates: what the client is told about each open folder (`folder/state`).
//
// Changes are gathered and sent by a thread of its own, at most four times a second per folder, and
// only if something differs from what was sent last. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "session/types.h"
#include "wire/json.h"

namespace mikura {

enum class Activity : std::uint8_t {
  idle,
  waiting,
  checking,
  syncing,
  restoring,
  offline,
  paused,
  stopped,
};

struct FolderState {
  std::uint64_t revision = 1;
  std::vector<Activity> running;      // calls under way
  Activity resting = Activity::idle;  // what it is while none is
  std::optional<std::int64_t> next_unix_ms, paused_until_unix_ms;
  Json last_sync = nullptr;
  Json problem = nullptr;
  Json watching = nullptr;
};

// As docs/protocol.md has it. Pure.
Json to_json(const std::string& folder, const FolderState& state);
Json last_sync_json(const SyncReport& report, std::int64_t now_unix_ms);

class FolderStates {
 public:
  using Send = std::function<void(Json)>;
  explicit FolderStates(Send send);
  ~FolderStates();
  FolderStates(const FolderStates&) = delete;
  FolderStates& operator=(const FolderStates&) = delete;

  // The state is sent once, even if it was open before.
  void open(const std::string& folder);
  void close(const std::string& folder);
  // Nothing if the folder is not open. `change` must be short.
  void update(const std::string& folder, const std::function<void(FolderState&)>& change);

  // Something is under way in a folder as long as it lives.
  class Doing {
   public:
    Doing(FolderStates& states, std::string folder, Activity activity);
    ~Doing();
    Doing(const Doing&) = delete;
    Doing& operator=(const Doing&) = delete;

   private:
    FolderStates& states_;
    const std::string folder_;
    const Activity activity_;
  };

 private:
  struct Kept {
    FolderState state;
    bool dirty = true;
    std::chrono::steady_clock::time_point not_before;
    Json sent;
  };
  void run(const std::stop_token& stop);

  const Send send_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<std::string, Kept> folders_;
  std::uint64_t changes_ = 0;
  std::jthread sender_;
};

}  // namespace mikura

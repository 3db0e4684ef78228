#include "server/folder_states.h"

#include <algorithm>

#include "crypto/uuid.h"

namespace mikura {
namespace {

constexpr std::chrono::milliseconds kInterval{250};

std::string_view activity_name(Activity activity) {
  switch (activity) {
    case Activity::idle:
      return "idle";
    case Activity::waiting:
      return "waiting";
    case Activity::checking:
      return "checking";
    case Activity::syncing:
      return "syncing";
    case Activity::restoring:
      return "restoring";
    case Activity::offline:
      return "offline";
    case Activity::paused:
      return "paused";
    case Activity::stopped:
      return "stopped";
  }
  return "idle";
}

// What changes the folder counts for more than a look at it.
Activity shown_activity(const FolderState& state) {
  if (state.running.empty()) return state.resting;
  return *std::max_element(state.running.begin(), state.running.end());
}

Json number_or_null(const std::optional<std::int64_t>& number) {
  return number ? Json(*number) : Json(nullptr);
}

}  // namespace

Json to_json(const std::string& folder, const FolderState& state) {
  return {{"folder", folder},
          {"revision", state.revision},
          {"activity", activity_name(shown_activity(state))},
          {"next_ms", number_or_null(state.next_unix_ms)},
          {"paused_until_ms", number_or_null(state.paused_until_unix_ms)},
          {"last_sync", state.last_sync},
          {"problem", state.problem},
          {"watching", state.watching}};
}

Json last_sync_json(const SyncReport& report, std::int64_t now_unix_ms) {
  return {{"at_ms", now_unix_ms},
          {"published",
           report.published ? Json(format_uuid(report.published->bytes())) : Json(nullptr)},
          {"generation", report.generation},
          {"uploaded_bytes", report.uploaded_bytes},
          {"downloaded_bytes", report.downloaded_bytes}};
}

FolderStates::FolderStates(Send send)
    : send_(std::move(send)), sender_([this](const std::stop_token& stop) { run(stop); }) {}

FolderStates::~FolderStates() = default;

void FolderStates::open(const std::string& folder) {
  {
    const std::lock_guard lock(mutex_);
    Kept& kept = folders_[folder];
    kept.dirty = true;
    kept.sent = nullptr;
    ++changes_;
  }
  changed_.notify_all();
}

void FolderStates::close(const std::string& folder) {
  const std::lock_guard lock(mutex_);
  folders_.erase(folder);
}

void FolderStates::update(const std::string& folder,
                          const std::function<void(FolderState&)>& change) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = folders_.find(folder);
    if (found == folders_.end()) return;
    change(found->second.state);
    found->second.dirty = true;
    ++changes_;
  }
  changed_.notify_all();
}

void FolderStates::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    const auto now = std::chrono::steady_clock::now();
    auto wake = now + std::chrono::hours(1);
    std::vector<Json> due;
    for (auto& [folder, kept] : folders_) {
      if (!kept.dirty) continue;
      if (kept.not_before > now) {
        wake = std::min(wake, kept.not_before);
        continue;
      }
      kept.dirty = false;
      Json json = to_json(folder, kept.state);
      if (json == kept.sent) continue;
      kept.sent = json;
      kept.not_before = now + kInterval;
      due.push_back(std::move(json));
    }
    if (!due.empty()) {
      lock.unlock();
      for (Json& json : due)
        send_(std::move(json));
      lock.lock();
      continue;
    }
    // Every change wakes it, to find out anew when the next is due.
    const std::uint64_t seen = changes_;
    changed_.wait_until(lock, stop, wake, [&] { return changes_ != seen; });
  }
}

FolderStates::Doing::Doing(FolderStates& states, std::string folder, Activity activity)
    : states_(states), folder_(std::move(folder)), activity_(activity) {
  states_.update(folder_, [&](FolderState& state) { state.running.push_back(activity_); });
}

FolderStates::Doing::~Doing() {
  states_.update(folder_, [&](FolderState& state) {
    const auto found = std::find(state.running.begin(), state.running.end(), activity_);
    if (found != state.running.end()) state.running.erase(found);
  });
}

}  // namespace mikura

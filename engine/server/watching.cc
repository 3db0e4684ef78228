#include "server/watching.h"

#include <condition_variable>
#include <mutex>

namespace mikura {
namespace {

Activity to_activity(AutoActivity activity) {
  switch (activity) {
    case AutoActivity::idle:
      return Activity::idle;
    case AutoActivity::waiting:
      return Activity::waiting;
    case AutoActivity::checking:
      return Activity::checking;
    case AutoActivity::syncing:
      return Activity::syncing;
    case AutoActivity::offline:
      return Activity::offline;
    case AutoActivity::paused:
      return Activity::paused;
    case AutoActivity::stopped:
      return Activity::stopped;
  }
  return Activity::idle;
}

Json to_json(const LastSync& sync) {
  return {
      {"at_ms", sync.at_ms},
      {"published", sync.published ? Json(format_uuid(sync.published->bytes())) : Json(nullptr)},
      {"generation", sync.generation},
      {"uploaded_bytes", sync.uploaded_bytes},
      {"downloaded_bytes", sync.downloaded_bytes}};
}

// What a folder's watch and its hooks share.
struct Background {
  std::string path;
  std::shared_ptr<Guarded<std::string>> round_code;
};

// Work of the engine's own: nobody waits for its answer.
std::shared_ptr<Call> own_call(Services& services, const std::string& path) {
  return std::make_shared<Call>(services.peer, Json(nullptr), "watch", path, Call::Lane::change,
                                Json(nullptr));
}

// A place in the strand that the watch's thread waits at.
struct Turn {
  std::mutex mutex;
  std::condition_variable_any changed;
  bool begun = false;
  bool given_up = false;
  std::optional<Result<SyncReport>> report;
};

Result<SyncReport> sync_now(Services& services, Background& background, Call& call) {
  auto report = services.with_key(call, [&]() -> Result<SyncReport> {
    TRY_ASSIGN(const auto session, services.session(call));
    SyncRequest request;
    request.hold = session.folder().unsaved.with([](const auto& paths) { return paths; });
    return session->sync(request, call.stop());
  });
  note_round(*background.round_code, call, report ? nullptr : &report.error());
  return report;
}

Result<SyncReport> sync_in_turn(Services& services, const std::shared_ptr<Background>& background,
                                const std::stop_token& stop) {
  const auto call = own_call(services, background->path);
  const auto turn = std::make_shared<Turn>();
  const bool posted =
      services.folders.post_change(background->path, [&services, background, call, turn] {
        {
          const std::lock_guard lock(turn->mutex);
          if (turn->given_up) return;
          turn->begun = true;
        }
        auto report = sync_now(services, *background, *call);
        const std::lock_guard lock(turn->mutex);
        turn->report = std::move(report);
        turn->changed.notify_all();
      });
  if (!posted) return Error(Code::cancelled, "the folder was closed");
  const std::stop_callback forward(stop, [&] { call->request_stop(); });
  std::unique_lock lock(turn->mutex);
  // A stop is waited for once it has begun: what runs uses the folder.
  turn->changed.wait(lock, stop, [&] { return turn->report.has_value(); });
  if (!turn->begun) {
    turn->given_up = true;
    return Error(Code::cancelled, "cancelled");
  }
  turn->changed.wait(lock, [&] { return turn->report.has_value(); });
  return *std::move(turn->report);
}

// A look from the watch's own thread.
template <class Value, class Look>
Result<Value> look(Services& services, Call& call, const std::stop_token& stop, const Look& work) {
  const std::stop_callback forward(stop, [&] { call.request_stop(); });
  return services.with_key(call, [&]() -> Result<Value> {
    TRY_ASSIGN(const auto session, services.session(call));
    return work(*session, call.stop());
  });
}

}  // namespace

void note_round(Guarded<std::string>& round_code, const Call& call, const Error* error) {
  round_code.with(
      [&](std::string& code) { code = error != nullptr ? own_code(call, *error) : std::string(); });
}

void take_watch_state(FolderState& state, const WatchState& watch,
                      const std::string& problem_code) {
  const Activity activity = to_activity(watch.sync.activity);
  const bool was_busy = state.resting == Activity::syncing || state.resting == Activity::checking;
  // A change was seen, or a round has ended: both may have made what was told before untrue.
  if (activity == Activity::waiting || (was_busy && activity != state.resting)) ++state.revision;
  state.resting = activity;
  state.next_unix_ms = watch.sync.next_ms;
  state.paused_until_unix_ms = watch.sync.paused_until_ms;
  if (watch.sync.last_sync) state.last_sync = to_json(*watch.sync.last_sync);
  state.problem = nullptr;
  // A round that was cut off is no problem.
  const auto& problem = watch.sync.problem;
  if (problem && problem->code != Code::cancelled) {
    state.problem = {{"code", problem_code.empty() ? code_name(problem->code) : problem_code},
                     {"message", problem->message},
                     {"hint", problem->hint},
                     {"retryable", problem->retryable}};
  }
  state.watching = {{"on_change", watch.on_change},
                    {"degraded", watch.degraded.empty() ? Json(nullptr) : Json(watch.degraded)}};
}

WatchHooks make_watch_hooks(Services& services, const std::shared_ptr<Folder>& folder) {
  // Not the folder itself: it owns the watch.
  const auto background = std::make_shared<Background>();
  background->path = folder->path();
  background->round_code = folder->round_code;
  WatchHooks hooks;
  hooks.sync = [&services, background](std::stop_token stop) {
    return sync_in_turn(services, background, stop);
  };
  hooks.check = [&services, background](std::stop_token stop) {
    const auto call = own_call(services, background->path);
    auto news = look<bool>(services, *call, stop, [](Session& session, std::stop_token own_stop) {
      return session.has_remote_news(std::move(own_stop));
    });
    note_round(*background->round_code, *call, news ? nullptr : &news.error());
    return news;
  };
  // No round: what the last one failed with stays.
  hooks.folders = [&services, background](std::stop_token stop) {
    const auto call = own_call(services, background->path);
    return look<std::vector<std::string>>(services, *call, stop,
                                          [](Session& session, std::stop_token own_stop) {
                                            return session.folders(std::move(own_stop));
                                          });
  };
  hooks.changed = [&services, background](const WatchState& watch) {
    const std::string code =
        background->round_code->with([](const std::string& kept) { return kept; });
    services.states.update(background->path,
                           [&](FolderState& state) { take_watch_state(state, watch, code); });
  };
  return hooks;
}

}  // namespace mikura

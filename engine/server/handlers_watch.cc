// watch/*: keeping a folder in step by itself.
#include "server/methods.h"
#include "server/watching.h"

namespace mikura {
namespace {

AutoSyncSettings settings_of(const WatchStartParams& params) {
  AutoSyncSettings settings;
  settings.on_change = params.on_change;
  settings.quiet = std::chrono::milliseconds(params.quiet_ms);
  settings.max_wait = std::chrono::milliseconds(params.max_wait_ms);
  settings.poll = std::chrono::seconds(params.poll_seconds);
  settings.sync = params.sync;
  return settings;
}

Result<Json> start(Services& services, Call& call, const WatchStartParams& params) {
  std::string root;
  {
    // Only a linked folder can be watched.
    TRY_ASSIGN(const auto session, services.session(call));
    root = session->root();
  }
  const auto folder = services.folders.find(params.folder);
  if (folder == nullptr) return Error(Code::cancelled, "the folder was closed");
  const AutoSyncSettings settings = settings_of(params);
  TRY(folder->watch(settings, [&] {
    return services.engine.watch(root, settings, services.environment(call),
                                 make_watch_hooks(services, folder));
  }));
  return Json(nullptr);
}

void with_watch(Services& services, const std::string& folder,
                const std::function<void(Watch&)>& action) {
  if (const auto found = services.folders.find(folder)) found->with_watch(action);
}

Result<Json> stop(Services& services, Call&, const FolderParams& params) {
  if (const auto folder = services.folders.find(params.folder)) folder->stop_watching(false);
  services.states.update(params.folder, [](FolderState& state) {
    state.resting = Activity::idle;
    state.next_unix_ms.reset();
    state.paused_until_unix_ms.reset();
    state.watching = nullptr;
  });
  return Json(nullptr);
}

Result<Json> pause(Services& services, Call&, const WatchPauseParams& params) {
  std::optional<std::chrono::seconds> duration;
  if (params.seconds) duration = std::chrono::seconds(*params.seconds);
  with_watch(services, params.folder, [&](Watch& watch) { watch.pause(duration); });
  return Json(nullptr);
}

Result<Json> resume(Services& services, Call&, const FolderParams& params) {
  with_watch(services, params.folder, [](Watch& watch) { watch.resume(); });
  return Json(nullptr);
}

void hint(Services& services, const FolderParams& params) {
  with_watch(services, params.folder, [](Watch& watch) { watch.hint(); });
}

}  // namespace

void add_watch_methods(Methods& methods) {
  methods.look<WatchStartParams>("watch/start", start);
  methods.look<FolderParams>("watch/stop", stop);
  methods.look<WatchPauseParams>("watch/pause", pause);
  methods.look<FolderParams>("watch/resume", resume);
  methods.notification<FolderParams>("watch/hint", hint);
}

}  // namespace mikura

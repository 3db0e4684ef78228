// Watch: keeps a working copy in step by itself: the state machine of auto_sync.h, the watcher of
// the platform, and the two threads that drive them. `mikura watch` and the server use it alike.
//
// Thread-safe. The destructor requests a stop and joins: a round under way is finished or cut off
// as by Ctrl-C, and nothing is called afterwards.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "local/watcher.h"
#include "session/auto_sync.h"
#include "sync/report.h"

namespace mikura {

struct WatchState {
  AutoSyncState sync;
  bool on_change = true;
  std::string degraded;  // why changes are only found by looking; empty if they are seen
  std::int64_t since_ms = 0;
  friend bool operator==(const WatchState&, const WatchState&) = default;
};

// What the rounds do. Called from a thread of the watch, one at a time; each returns soon after a
// stop is requested.
struct WatchHooks {
  std::function<Result<SyncReport>(std::stop_token)> sync;
  // One conditional request: has the repository what the folder was not synced with?
  std::function<Result<bool>(std::stop_token)> check;
  // The folders to watch: those of a scan.
  std::function<Result<std::vector<std::string>>(std::stop_token)> folders;
  // The state is another one. From any thread of the watch, one at a time; must not call back.
  std::function<void(const WatchState&)> changed;
};

class Watch {
 public:
  static std::unique_ptr<Watch> start(std::unique_ptr<FolderWatcher> watcher,
                                      const AutoSyncSettings& settings, WatchHooks hooks,
                                      Clock& clock, std::uint64_t seed);
  virtual ~Watch() = default;

  virtual void configure(const AutoSyncSettings& settings) = 0;
  // Something was saved: as if the watcher had seen it.
  virtual void hint() = 0;
  virtual void pause(std::optional<std::chrono::seconds> duration) = 0;
  virtual void resume() = 0;
  // A run that somebody asked for by hand ended so.
  virtual void ran_by_hand(const Result<SyncReport>& result) = 0;
  virtual WatchState state() = 0;
};

// What a run came to, for the state machine.
RoundOutcome outcome_of(const Result<SyncReport>& result);

}  // namespace mikura

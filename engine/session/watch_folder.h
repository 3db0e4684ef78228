// A watch of a session's working copy, as a process of its own runs it (`mikura watch`): the rounds
// are the session's calls, and others read in .mikura/watcher how it goes.
#pragma once

#include <functional>
#include <memory>

#include "session/session.h"
#include "session/watch.h"

namespace mikura {

// Code::busy if another process watches this folder. The session is used from a thread of the watch
// until that is destroyed; nobody else may use it. `changed` as in WatchHooks.
Result<std::unique_ptr<Watch>> watch_folder(Session& session, const AutoSyncSettings& settings,
                                            const Environment& environment,
                                            std::function<void(const WatchState&)> changed);

// The same with rounds of the caller's own, for a front end that has other calls in the folder at
// the same time.
Result<std::unique_ptr<Watch>> watch_with(const std::string& root, const AutoSyncSettings& settings,
                                          const Environment& environment, WatchHooks hooks);

// For other processes and front ends: what is to be read in .mikura/watcher while this state lasts.
WatcherInfo to_watcher_info(const WatchState& state, const std::string& program);

}  // namespace mikura

// Watching: what the watch of an open folder does in this process (docs/protocol.md, "Watching").
//
// Its syncs stand in the folder's strand like everybody's; its state goes out as `folder/state`.
#pragma once

#include <string>

#include "server/services.h"

namespace mikura {

// The hooks of a watch of `folder`; the services outlive it.
WatchHooks make_watch_hooks(Services& services, const std::shared_ptr<Folder>& folder);

// How a round ended; null: well. For what the watch then says of it.
void note_round(Guarded<std::string>& round_code, const Call& call, const Error* error);

// A watch's state in that of the folder. Pure.
void take_watch_state(FolderState& state, const WatchState& watch, const std::string& problem_code);

}  // namespace mikura

// Catalogs that this client has stored and not published yet, so that a killed push resumes with
// the packs that it had sent (docs/sync.md, "What need not travel").
//
// Kept in the state beside the uploads that rely on them: what is remembered as uploaded into a
// pack can be read only if the next HEAD names its catalog.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "local/state.h"

namespace mikura {

// Those of this clean-up epoch: after a clean-up their packs may be gone.
Result<std::vector<std::string>> pending_catalogs(State& state, std::uint64_t gc_epoch);
// Durable before the uploads in it are remembered.
Result<void> add_pending_catalog(State& state, std::uint64_t gc_epoch, const std::string& name);
// After a publish, and after the uploads were forgotten.
Result<void> forget_pending_catalogs(State& state);

}  // namespace mikura

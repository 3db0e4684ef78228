// The SQLite state database: .mikura/state.db, WAL mode, synchronous=NORMAL with FULL for
// commit_base.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "local/state.h"

namespace mikura {

// Opens or creates. A file that SQLite finds damaged, or of a newer schema, is set aside
// (state.db.damaged-<time>) and a new one is begun: state can always be rebuilt. `read_only_ok`: if
// the folder cannot be written, opens what is there.
Result<std::unique_ptr<State>> open_state_db(const std::string& path);

// In memory, for tests: same code, no file.
Result<std::unique_ptr<State>> open_memory_state();

}  // namespace mikura

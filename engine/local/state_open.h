// Opening the state database: its schema, and what is done with a file that cannot be used.
// Internal to local/.
#pragma once

#include <string>

#include "base/result.h"
#include "local/sqlite.h"

namespace mikura {

// What SQLite calls a database without a file.
inline constexpr std::string_view kInMemory = ":memory:";

// Opens or creates. A damaged or newer file is set aside first. In a folder that cannot be written:
// read-only, what is there.
Result<Database> open_state_file(const std::string& path);
Result<Database> open_state_in_memory();

// Renames the database at `path` to state.db.damaged-<time> (with what belongs to it) and begins a
// new one, with the link if that can still be read. Returns the new one.
Result<Database> begin_anew(const std::string& path);

}  // namespace mikura

// Reading a key that a stop request ends: from a descriptor, a file, a command or a terminal.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/stop_event.h"

namespace mikura {

// Reads from `fd` until the end: returns the count. Code::invalid if there is more than `out`
// holds.
Result<std::size_t> read_all(int fd, MutableByteSpan out, std::string_view name,
                             const StopEvent& stop);

}  // namespace mikura

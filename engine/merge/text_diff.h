// Line differences between two texts, as a unified diff that `git apply` and `patch` accept (Myers,
// "An O(ND) Difference Algorithm", 1986).
//
// Pure; thread-safe. Time grows with the size times the number of differences; beyond a bound the
// middle is shown as wholly replaced.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"

namespace mikura {

// True if the bytes are not text (a zero byte among the first 8000): then no lines are shown.
bool looks_binary(ByteSpan bytes);

// The hunks ("@@ -1,3 +1,4 @@" and lines), with `context` lines around each change; empty if the
// texts are equal.
std::string unified_hunks(std::string_view before, std::string_view after, unsigned context = 3);

}  // namespace mikura

// Exit codes (docs/commands.md): what a script can do about an outcome.
#pragma once

#include "base/result.h"

namespace mikura {

enum class Exit : int {
  done = 0,
  failed = 1,
  usage = 2,
  conflicts = 3,
  denied = 4,
  wrong_key = 5,
  tampered = 6,
  unreachable = 7,
  refused = 8,
  cancelled = 130,
};

Exit exit_for(Code code);

}  // namespace mikura

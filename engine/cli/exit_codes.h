// Exit codes (docs/commands.md): what a script can do about an outcome. Stable.
#pragma once

#include "base/result.h"

namespace mikura {

enum class Exit : int {
  done = 0,
  failed = 1,
  usage = 2,
  conflicts = 3,  // done, but conflicts remain
  denied = 4,     // access denied, or no credentials
  wrong_key = 5,
  tampered = 6,     // tampering, rollback or corruption
  unreachable = 7,  // the store cannot be reached now
  refused = 8,      // a guard stopped it
  cancelled = 130,  // as shells report Ctrl-C
};

Exit exit_for(Code code);

}  // namespace mikura

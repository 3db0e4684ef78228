// Completion scripts, made from what the parser understands, so that they know every verb and
// option. Pure.
#pragma once

#include <string>

#include "cli/description.h"

namespace mikura {

// `shell` is "bash", "zsh" or "fish".
std::string completion_script(const VerbDescription& command, const std::string& shell);

}  // namespace mikura

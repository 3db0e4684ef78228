// --key-command: a shell command whose output is the key.
#pragma once

#include <stop_token>
#include <string>

#include "base/result.h"
#include "format/keyring.h"

namespace mikura {

// Runs /bin/sh -c `command` with our stdin and stderr, so that it may ask the user something. It
// gets the signals that we keep from ourselves (cli/cancel.h). A stop ends it. Code::invalid if it
// fails.
Result<KeySource> run_key_command(const std::string& command, bool creating, std::stop_token stop);

}  // namespace mikura

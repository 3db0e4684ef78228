// The controlling terminal: asking for a secret without showing it.
#pragma once

#include <stop_token>
#include <string>

#include "base/result.h"
#include "crypto/secret_key.h"

namespace mikura {

// True if somebody sits at a terminal and can be asked: stdin is one and /dev/tty opens.
bool can_ask();

// Shows `prompt` on /dev/tty and reads one line that is not echoed. The terminal is put back as it
// was in every case. Code::cancelled if a stop is requested or nothing is entered.
Result<SecretBytes> ask_hidden(const std::string& prompt, std::stop_token stop);

}  // namespace mikura

// One run of the command, from its words to its exit code: what main() does, for main() and tests.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "cli/description.h"
#include "cli/engine.h"
#include "cli/output.h"

namespace mikura {

// `words` are the arguments without the program's name. Changes the working folder if -C is given.
int run_command(const std::vector<std::string>& words, Engine engine, const Streams& streams,
                std::stop_token stop);

// Every verb and option, for the test of the documentation.
VerbDescription describe_command();

}  // namespace mikura

// Runs a program and reads what it prints.
//
// For programs that print credentials: the output goes to wiping memory, is bounded, and is in no
// error. Standard input is empty; standard error is the caller's own, so that the program can say
// what is wrong and where to sign in. Thread-safe.
#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/secret_key.h"

namespace mikura {

// The words of a command line, by the rules of a POSIX shell for quotes and backslashes and for
// nothing else. Code::invalid if a quote is not closed.
Result<std::vector<std::string>> split_command_line(std::string_view line);

// The standard output, at most 64 KiB. The program is looked for in PATH. Code::no_credentials if
// it is not there, cannot be run, or ends with anything but 0; Code::transient if it takes longer
// than `limit`. It is ended when a stop is requested.
Result<SecretBytes> output_of_program(const std::vector<std::string>& words,
                                      std::chrono::milliseconds limit, const std::stop_token& stop);

}  // namespace mikura

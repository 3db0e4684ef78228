// Diagnostics for people, on stderr: never on stdout, which belongs to results and to the protocol.
//
// Off unless --verbose asks for it. Never pass a secret, a key or a credential. Thread-safe.
#pragma once

#include <string_view>

namespace mikura {

enum class LogLevel { quiet, info, debug };

void set_log_level(LogLevel level);
bool log_enabled(LogLevel level);
void log_info(std::string_view message);
void log_debug(std::string_view message);

}  // namespace mikura

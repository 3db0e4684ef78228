// Diagnostics for people, on stderr or where a front end wants them: never on stdout, which belongs
// to results and to the protocol.
//
// Off unless --verbose asks for it. Never pass a secret, a key or a credential. Thread-safe.
#pragma once

#include <functional>
#include <string_view>

namespace mikura {

enum class LogLevel { quiet, info, debug };

void set_log_level(LogLevel level);
bool log_enabled(LogLevel level);

// While it lives, messages go to a function instead of stderr: from any thread, and never two
// receivers at once.
class LogReceiver {
 public:
  using Sink = std::function<void(LogLevel, std::string_view)>;
  explicit LogReceiver(Sink sink);
  ~LogReceiver();
  LogReceiver(const LogReceiver&) = delete;
  LogReceiver& operator=(const LogReceiver&) = delete;

 private:
  friend void log_message(LogLevel level, std::string_view message);
  const Sink sink_;
};

void log_info(std::string_view message);
void log_debug(std::string_view message);

}  // namespace mikura

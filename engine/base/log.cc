#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <memory>
#include <string>

#include "base/check.h"

namespace mikura {
namespace {

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> instance = [] {
    auto created = std::make_shared<spdlog::logger>(
        "mikura", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    created->set_pattern("[%H:%M:%S.%e] %v");
    created->set_level(spdlog::level::off);
    return created;
  }();
  return *instance;
}

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::quiet:
      return spdlog::level::off;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::debug:
      return spdlog::level::debug;
  }
  return spdlog::level::off;
}

// Messages name files that others named: raw control characters could act on the terminal.
std::string harmless(std::string_view message) {
  std::string out(message);
  for (char& c : out) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) c = '?';
  }
  // C1 controls are C2 80 to C2 9F in UTF-8.
  for (std::size_t i = 1; i < out.size(); ++i) {
    const bool c1 = out[i - 1] == '\xC2' && static_cast<unsigned char>(out[i]) < 0xA0;
    if (c1) out[i - 1] = out[i] = '?';
  }
  return out;
}

// Set before the threads that log are started, and reset after they have ended.
std::atomic<const LogReceiver*> receiver = nullptr;

}  // namespace

LogReceiver::LogReceiver(Sink sink) : sink_(std::move(sink)) {
  CHECK(receiver.exchange(this) == nullptr);
}
LogReceiver::~LogReceiver() {
  receiver = nullptr;
}

void log_message(LogLevel level, std::string_view message) {
  const std::string text = harmless(message);
  if (const LogReceiver* const there = receiver) {
    if (log_enabled(level)) there->sink_(level, text);
  } else {
    logger().log(to_spdlog(level), text);
  }
}

void set_log_level(LogLevel level) {
  logger().set_level(to_spdlog(level));
}
bool log_enabled(LogLevel level) {
  return logger().should_log(to_spdlog(level));
}
void log_info(std::string_view message) {
  log_message(LogLevel::info, message);
}
void log_debug(std::string_view message) {
  log_message(LogLevel::debug, message);
}

}  // namespace mikura

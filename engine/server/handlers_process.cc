// initialize, log/level: the process itself.
#include <unistd.h>

#include "base/log.h"
#include "server/methods.h"

namespace mikura {
namespace {

// The version of docs/protocol.md.
constexpr std::int64_t kProtocol = 1;

Result<Json> initialize(Services& services, Call&, const InitializeParams& params) {
  if (params.protocol_min > kProtocol || params.protocol_max < kProtocol) {
    return Error(Code::unsupported, "this engine speaks version 1 of the protocol only")
        .with_hint("Update the editor's extension, or Mikura, so that they fit.");
  }
  Identity& identity = services.identity;
  if (!params.author.empty()) identity.author = params.author;
  if (!params.device.empty()) identity.device = params.device;
  if (!params.state_folder.empty()) identity.state_folder = params.state_folder;
  log_info("serving " + params.client);
  return Json{
      {"protocol", kProtocol}, {"engine", {{"version", identity.version}}}, {"pid", ::getpid()}};
}

void set_level(Services&, const LogLevelParams& params) {
  switch (params.level) {
    case LogLevelParams::Level::error:
    case LogLevelParams::Level::warning:
      return set_log_level(LogLevel::quiet);
    case LogLevelParams::Level::info:
      return set_log_level(LogLevel::info);
    case LogLevelParams::Level::debug:
      return set_log_level(LogLevel::debug);
  }
}

}  // namespace

void add_process_methods(Methods& methods) {
  methods.add<InitializeParams>("initialize", Call::Lane::at_once, Methods::Needs::nothing,
                                initialize);
  methods.notification<LogLevelParams>("log/level", set_level);
}

}  // namespace mikura

#include "server/server.h"

#include "base/log.h"
#include "server/dispatcher.h"
#include "server/transport.h"

namespace mikura {
namespace {

std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::quiet:
      return "warning";
    case LogLevel::info:
      return "info";
    case LogLevel::debug:
      return "debug";
  }
  return "info";
}

Result<ServerEnd> serve(Transport& transport, Dispatcher& dispatcher) {
  for (;;) {
    auto message = transport.read();
    if (message.failed_with(Code::invalid)) {
      log_info(message.error().message());
      return ServerEnd::broken;
    }
    if (!message) return std::move(message).error();
    if (!*message) return ServerEnd::input_ended;
    dispatcher.take(**message);
    wipe_text(**message);
  }
}

}  // namespace

Result<ServerEnd> run_server(Fd in, Fd out, ServedEngine engine, Identity identity,
                             std::stop_token stop) {
  std::stop_source ending;
  const std::stop_callback forward(stop, [&] { ending.request_stop(); });
  Transport transport(std::move(in), std::move(out), ending.get_token());
  Peer peer(transport);
  const LogReceiver receiver([&](LogLevel level, std::string_view message) {
    peer.notify("log", {{"level", level_name(level)}, {"message", message}});
  });
  Services services(peer, std::move(engine), std::move(identity));
  Dispatcher dispatcher(services, make_methods());
  auto end = serve(transport, dispatcher);
  // From here on a client that does not read is not waited for long.
  ending.request_stop();
  return end;
}

}  // namespace mikura

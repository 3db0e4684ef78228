#include "cli/commands.h"
#include "server/server.h"
#include "server/transport.h"

namespace mikura {
namespace {

// The key comes from the client, over the pipe: a second way would be one too many.
Result<void> refuse_key_options(const KeyOptions& key) {
  if (key.file.empty() && key.fd < 0 && key.command.empty()) return {};
  return Error(Code::invalid, "serve takes no key: it asks its client for it")
      .with_hint("Leave --key-file, --key-fd and --key-command out.");
}

Result<Exit> serve(Invocation& invocation) {
  TRY(refuse_key_options(invocation.global.key));
  const Environment own = invocation.environment();
  Identity identity{own.client_folder, own.author, own.device_name, MIKURA_VERSION};
  TRY_ASSIGN(StandardPipes pipes, take_standard_pipes());
  TRY_ASSIGN(const ServerEnd end,
             run_server(std::move(pipes.in), std::move(pipes.out), real_served_engine(),
                        std::move(identity), invocation.stop()));
  return end == ServerEnd::input_ended ? Exit::done : Exit::usage;
}

}  // namespace

void add_serve_verb(Parser& parser, Invocation& invocation) {
  parser.add("serve", "help.help", [&invocation] { return serve(invocation); });
}

}  // namespace mikura

// The server: `mikura serve` from its first byte to its end (docs/protocol.md).
#pragma once

#include <stop_token>

#include "base/file.h"
#include "base/result.h"
#include "server/engine.h"
#include "server/services.h"

namespace mikura {

// How a server ended.
enum class ServerEnd {
  input_ended,  // the client is gone, or wants no more
  broken,       // what came was no message; nothing after it could be trusted
};

// Serves the client at the other end of `in` and `out` until the input ends. Code::cancelled if
// `stop` ended it.
Result<ServerEnd> run_server(Fd in, Fd out, ServedEngine engine, Identity identity,
                             std::stop_token stop);

}  // namespace mikura

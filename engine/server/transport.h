// Transport: messages over a pair of descriptors.
//
// read() belongs to one thread; write() may be called from any, and messages are never mixed. A
// client that goes away is no error of a write: whoever reads notices the end of the input.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/result.h"
#include "base/stop_event.h"
#include "server/framing.h"

namespace mikura {

class Transport {
 public:
  // `stop` ends read() at once and write() soon.
  Transport(Fd in, Fd out, std::stop_token stop);

  // The next message; nullopt at the end of the input. Code::cancelled on a stop, Code::invalid if
  // what comes is no message.
  Result<std::optional<std::string>> read();
  void write(std::string_view message);

 private:
  Result<void> write_all(std::string_view bytes);

  const Fd in_;
  const Fd out_;
  const StopEvent stop_;
  FrameParser parser_;
  Bytes buffer_;
  std::mutex write_mutex_;
  std::atomic<bool> client_is_gone_ = false;
};

// Takes standard input and output away from the rest of the process: what is read from them finds
// nothing, what is printed by mistake goes to the standard error.
struct StandardPipes {
  Fd in;
  Fd out;
};
Result<StandardPipes> take_standard_pipes();

}  // namespace mikura

// Ctrl-C and its relatives: a thread of its own waits for the signals and requests a stop; nothing
// happens in a signal handler.
#pragma once

#include <stop_token>
#include <thread>

namespace mikura {

// SIGINT, SIGTERM and SIGHUP request a stop while the object lives, but for those that whoever
// started us wants ignored (nohup). Create it before any other thread: the signals are blocked in
// all of them. One per process.
class SignalStop {
 public:
  SignalStop();
  ~SignalStop();
  SignalStop(const SignalStop&) = delete;
  SignalStop& operator=(const SignalStop&) = delete;

  std::stop_token token() const { return source_.get_token(); }

 private:
  std::stop_source source_;
  std::jthread waiter_;
};

}  // namespace mikura

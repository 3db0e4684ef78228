#include "cli/cancel.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>

#include "cli/messages.h"

namespace mikura {
namespace {

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGUSR2}) sigaddset(&set, number);
  return set;
}

}  // namespace

SignalStop::SignalStop() {
  const sigset_t set = stop_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  waiter_ = std::jthread([this, set] {
    for (;;) {
      int number = 0;
      if (sigwait(&set, &number) != 0) continue;
      if (number == SIGUSR2) return;  // our own, from the destructor
      if (::isatty(STDERR_FILENO) != 0) std::fputs(("\n" + tr("signal.stopping") + "\n").c_str(), stderr);
      source_.request_stop();
    }
  });
}

SignalStop::~SignalStop() { pthread_kill(waiter_.native_handle(), SIGUSR2); }

}  // namespace mikura

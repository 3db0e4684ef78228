#include "cli/cancel.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>

#include "cli/messages.h"

namespace mikura {
namespace {

// Our own, with which the destructor ends the thread.
constexpr int kEndSignal = SIGUSR2;

bool is_ignored(int number) {
  struct sigaction action{};
  return ::sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    // A blocked signal is kept for us even if it is ignored.
    if (!is_ignored(number)) sigaddset(&set, number);
  }
  sigaddset(&set, kEndSignal);
  return set;
}

}  // namespace

SignalStop::SignalStop() {
  const sigset_t set = stop_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  waiter_ = std::jthread([this, set] {
    const bool tells = ::isatty(STDERR_FILENO) != 0;
    for (;;) {
      siginfo_t info{};
      if (::sigwaitinfo(&set, &info) < 0) continue;
      if (info.si_signo == kEndSignal) {
        if (info.si_pid == ::getpid()) return;
        continue;
      }
      if (tells) std::fputs(("\n" + tr("signal.stopping") + "\n").c_str(), stderr);
      source_.request_stop();
    }
  });
}

SignalStop::~SignalStop() {
  ::pthread_kill(waiter_.native_handle(), kEndSignal);
}

}  // namespace mikura

// ChildProcess: a process that we started, ended if it has not ended by itself, and always waited
// for.
//
// One thread. The destructor asks with SIGTERM, waits for up to `grace`, and then ends it.
#pragma once

#include <signal.h>
#include <sys/wait.h>

#include <cerrno>
#include <chrono>
#include <thread>

namespace mikura {

class ChildProcess {
 public:
  ChildProcess(pid_t pid, std::chrono::milliseconds grace) : pid_(pid), grace_(grace) {}
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGTERM);
    constexpr std::chrono::milliseconds kLook{10};
    for (std::chrono::milliseconds waited{0}; waited < grace_; waited += kLook) {
      if (::waitpid(pid_, nullptr, WNOHANG) != 0) return;
      std::this_thread::sleep_for(kLook);
    }
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  // The status of its end, as waitpid gives it.
  int wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return status;
  }

 private:
  pid_t pid_;
  std::chrono::milliseconds grace_;
};

}  // namespace mikura

#include "cli/key_command.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "base/child_process.h"
#include "base/file.h"
#include "cli/read_all.h"
#include "wire/key_text.h"

namespace mikura {
namespace {

// For the child to end by itself once it was asked to.
constexpr std::chrono::milliseconds kGrace{1000};

constexpr const char* kWhat = "the output of the key command";

// Starts the shell with `out` as its stdout, the default action for SIGPIPE and no signal blocked.
Result<pid_t> start_shell(const std::string& command, int out) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  sigset_t none;
  sigset_t defaults;
  ::sigemptyset(&none);
  ::sigemptyset(&defaults);
  ::sigaddset(&defaults, SIGPIPE);
  ::posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &defaults);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::string shell = "sh";
  std::string option = "-c";
  std::string text = command;
  char* const arguments[] = {shell.data(), option.data(), text.data(), nullptr};
  pid_t pid = -1;
  const int failure = ::posix_spawn(&pid, "/bin/sh", &actions, &attributes, arguments, environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failure != 0) return system_error(failure, "run", "the key command");
  return pid;
}

std::string end_text(int status) {
  if (WIFSIGNALED(status)) return fmt::format("was ended by signal {}", WTERMSIG(status));
  return fmt::format("ended with {}", WEXITSTATUS(status));
}

}  // namespace

Result<KeySource> run_key_command(const std::string& command, bool creating, std::stop_token stop) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return system_error(errno, "run", "the key command");
  const Fd in(ends[0]);
  Fd out(ends[1]);
  TRY_ASSIGN(const pid_t pid, start_shell(command, out.get()));
  ChildProcess child(pid, kGrace);
  out.reset();

  WipedBuffer text(kMaxKeyTextBytes);
  TRY_ASSIGN(const std::size_t size,
             read_all(in.get(), text.bytes, kWhat, StopEvent(std::move(stop))));
  const int status = child.wait();
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return Error(Code::invalid, "the key command " + end_text(status))
        .with_hint("Run the command of --key-command by hand to see why.");
  }
  return parse_key_text(std::span(text.bytes).first(size), creating, kWhat);
}

}  // namespace mikura

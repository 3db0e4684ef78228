#include "net/child_output.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <thread>

#include "base/child_process.h"
#include "base/file.h"
#include "base/task_group.h"

namespace mikura {
namespace {

// For the child to end by itself once it was asked to.
constexpr std::chrono::milliseconds kGrace{500};

constexpr std::size_t kMaxOutputBytes = 64 << 10;
constexpr int kPollMilliseconds = 20;  // how soon a stop is noticed

// No signal blocked, SIGPIPE with its default action.
Result<pid_t> start(const std::vector<std::string>& words, int out) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  sigset_t none;
  sigset_t defaults;
  ::sigemptyset(&none);
  ::sigemptyset(&defaults);
  ::sigaddset(&defaults, SIGPIPE);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &defaults);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::vector<std::string> copies = words;
  std::vector<char*> arguments;
  for (std::string& word : copies)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t pid = -1;
  const int failure =
      ::posix_spawnp(&pid, arguments[0], &actions, &attributes, arguments.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failure != 0) return system_error(failure, "run", words[0]).with_code(Code::no_credentials);
  return pid;
}

struct Buffer {
  Bytes bytes = Bytes(kMaxOutputBytes + 1);
  ~Buffer() { wipe(bytes); }
};

Result<SecretBytes> read_all(int in, const std::string& program, std::chrono::milliseconds limit,
                             const std::stop_token& stop) {
  Buffer buffer;
  std::size_t used = 0;
  const auto give_up = std::chrono::steady_clock::now() + limit;
  for (;;) {
    TRY(check_stop(stop));
    if (std::chrono::steady_clock::now() > give_up)
      return Error(Code::transient, program + " did not end in time");
    pollfd readable{.fd = in, .events = POLLIN, .revents = 0};
    const int ready = ::poll(&readable, 1, kPollMilliseconds);
    if (ready < 0 && errno != EINTR) return system_error(errno, "read the output of", program);
    if (ready <= 0) continue;
    const ssize_t n = ::read(in, buffer.bytes.data() + used, buffer.bytes.size() - used);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error(errno, "read the output of", program);
    if (n == 0) return SecretBytes(std::span(buffer.bytes).first(used));
    used += static_cast<std::size_t>(n);
    if (used > kMaxOutputBytes) return Error(Code::invalid, program + " prints more than 64 KiB");
  }
}

}  // namespace

Result<std::vector<std::string>> split_command_line(std::string_view line) {
  std::vector<std::string> words;
  bool in_word = false;
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote == 0 && (c == ' ' || c == '\t')) {
      in_word = false;
      continue;
    }
    if (!in_word) {
      words.emplace_back();
      in_word = true;
    }
    if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else if (quote != 0 && c == quote) {
      quote = 0;
    } else if (c == '\\' && quote != '\'' && i + 1 < line.size() &&
               (quote == 0 || line[i + 1] == '"' || line[i + 1] == '\\')) {
      words.back() += line[++i];
    } else {
      words.back() += c;
    }
  }
  if (quote != 0) return Error(Code::invalid, "a quote in the command line is not closed");
  return words;
}

Result<SecretBytes> output_of_program(const std::vector<std::string>& words,
                                      std::chrono::milliseconds limit,
                                      const std::stop_token& stop) {
  if (words.empty()) return Error(Code::invalid, "the command line is empty");
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return system_error(errno, "run", words[0]);
  const Fd in(ends[0]);
  Fd out(ends[1]);
  TRY_ASSIGN(const pid_t pid, start(words, out.get()));
  ChildProcess child(pid, kGrace);
  out.reset();
  TRY_ASSIGN(SecretBytes output, read_all(in.get(), words[0], limit, stop));
  const int status = child.wait();
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return output;
  const std::string how = WIFSIGNALED(status)
                              ? "was ended by signal " + std::to_string(WTERMSIG(status))
                              : "ended with " + std::to_string(WEXITSTATUS(status));
  return Error(Code::no_credentials, words[0] + " " + how).with_hint("Run it by hand to see why.");
}

}  // namespace mikura

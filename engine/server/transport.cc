#include "server/transport.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "crypto/secret_key.h"

namespace mikura {
namespace {

constexpr std::size_t kReadBytes = 64 * 1024;
// A pipe or socket that is ready takes so many bytes at once without blocking.
constexpr std::size_t kWriteBytes = PIPE_BUF;
// What a client that reads no more is waited for once the process ends.
constexpr std::chrono::milliseconds kGrace{1000};

Result<Fd> taken(int fd, const char* replacement, int flags) {
  Fd own(::fcntl(fd, F_DUPFD_CLOEXEC, 3));
  if (!own) return system_error(errno, "take over", "the standard streams");
  const Fd other(::open(replacement, flags | O_CLOEXEC));
  if (!other || ::dup2(other.get(), fd) < 0)
    return system_error(errno, "replace", "the standard streams");
  return own;
}

}  // namespace

Transport::Transport(Fd in, Fd out, std::stop_token stop)
    : in_(std::move(in)), out_(std::move(out)), stop_(std::move(stop)), buffer_(kReadBytes) {}

Result<std::optional<std::string>> Transport::read() {
  for (;;) {
    TRY_ASSIGN(auto message, parser_.next());
    if (message) return message;
    TRY(stop_.wait_readable(in_.get()));
    const ssize_t n = ::read(in_.get(), buffer_.data(), buffer_.size());
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    // A client that died may leave a reset connection behind.
    if (n <= 0) return std::optional<std::string>();
    const MutableByteSpan piece = std::span(buffer_).first(static_cast<std::size_t>(n));
    parser_.feed(piece);
    wipe(piece);
  }
}

void Transport::write(std::string_view message) {
  std::string bytes = framed(message);
  {
    const std::lock_guard lock(write_mutex_);
    // Half a message would make nonsense of all that follow.
    if (!client_is_gone_ && !write_all(bytes)) client_is_gone_ = true;
  }
  wipe_text(bytes);
}

Result<void> Transport::write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    TRY(stop_.wait_writable(out_.get(), kGrace));
    const ssize_t n = ::write(out_.get(), bytes.data(), std::min(bytes.size(), kWriteBytes));
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (n < 0) return system_error(errno, "write to", "the client");
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

Result<StandardPipes> take_standard_pipes() {
  StandardPipes pipes;
  TRY_ASSIGN(pipes.in, taken(STDIN_FILENO, "/dev/null", O_RDONLY));
  TRY_ASSIGN(pipes.out, taken(STDOUT_FILENO, "/dev/null", O_WRONLY));
  if (::dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
    return system_error(errno, "replace", "the standard streams");
  return pipes;
}

}  // namespace mikura

#include "cli/terminal.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>

#include "base/file.h"
#include "base/stop_event.h"
#include "wire/key_text.h"

namespace mikura {
namespace {

// The kernel gives no longer line.
constexpr std::size_t kMaxLineBytes = 4096;

Fd open_terminal() {
  return Fd(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
}

// No echo while the object lives.
class HiddenInput {
 public:
  explicit HiddenInput(int terminal) : terminal_(terminal) {
    valid_ = ::tcgetattr(terminal_, &before_) == 0;
    if (!valid_) return;
    termios hidden = before_;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    // Nor suspending: the shell would get a terminal that shows nothing.
    hidden.c_cc[VSUSP] = _POSIX_VDISABLE;
    valid_ = ::tcsetattr(terminal_, TCSAFLUSH, &hidden) == 0;
  }
  HiddenInput(const HiddenInput&) = delete;
  HiddenInput& operator=(const HiddenInput&) = delete;
  ~HiddenInput() {
    if (valid_) ::tcsetattr(terminal_, TCSAFLUSH, &before_);
  }
  bool is_valid() const { return valid_; }

 private:
  const int terminal_;
  termios before_{};
  bool valid_ = false;
};

Result<std::size_t> read_line(int terminal, MutableByteSpan out, const StopEvent& stop) {
  for (;;) {
    TRY(stop.wait_readable(terminal));
    const ssize_t n = ::read(terminal, out.data(), out.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error(errno, "read from", "the terminal");
    return static_cast<std::size_t>(n);
  }
}

}  // namespace

bool can_ask() {
  return ::isatty(STDIN_FILENO) != 0 && static_cast<bool>(open_terminal());
}

Result<SecretBytes> ask_hidden(const std::string& prompt, std::stop_token stop) {
  const Fd terminal = open_terminal();
  if (!terminal) return system_error(errno, "open", "the terminal");
  WipedBuffer line(kMaxLineBytes);
  auto size = [&]() -> Result<std::size_t> {
    const HiddenInput hidden(terminal.get());
    if (!hidden.is_valid()) return system_error(errno, "use", "the terminal");
    TRY(write_fully(terminal.get(), as_bytes(prompt), "the terminal"));
    return read_line(terminal.get(), line.bytes, StopEvent(std::move(stop)));
  }();
  TRY(write_fully(terminal.get(), as_bytes("\n"), "the terminal"));
  if (!size) return std::move(size).error();
  std::size_t used = *size;
  while (used > 0 &&
         (line.bytes[used - 1] == std::byte{'\n'} || line.bytes[used - 1] == std::byte{'\r'})) {
    --used;
  }
  if (used == 0) return Error(Code::cancelled, "nothing was entered");
  return SecretBytes(std::span(line.bytes).first(used));
}

}  // namespace mikura

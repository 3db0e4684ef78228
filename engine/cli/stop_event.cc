#include "cli/stop_event.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>

#include "base/check.h"

namespace mikura {

StopEvent::StopEvent(std::stop_token stop) : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  CHECK(event_);
  callback_.emplace(std::move(stop), [fd = event_.get()] {
    const std::uint64_t one = 1;
    // Cannot fail: the counter is far from its end.
    [[maybe_unused]] const ssize_t written = ::write(fd, &one, sizeof one);
  });
}

Result<void> StopEvent::wait_readable(int fd) const {
  for (;;) {
    std::array<pollfd, 2> waited{{{event_.get(), POLLIN, 0}, {fd, POLLIN, 0}}};
    if (::poll(waited.data(), waited.size(), -1) < 0) {
      if (errno == EINTR) continue;
      return system_error(errno, "wait for", "input");
    }
    if (waited[0].revents != 0) return Error(Code::cancelled, "cancelled");
    if (waited[1].revents != 0) return {};
  }
}

Result<std::size_t> read_all(int fd, MutableByteSpan out, std::string_view name,
                             const StopEvent& stop) {
  std::size_t used = 0;
  for (;;) {
    TRY(stop.wait_readable(fd));
    // One byte more than allowed tells too much from just enough.
    std::byte beyond{};
    const MutableByteSpan rest =
        used < out.size() ? out.subspan(used) : MutableByteSpan(&beyond, 1);
    const ssize_t n = ::read(fd, rest.data(), rest.size());
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (n < 0) return system_error(errno, "read", name);
    if (n == 0) return used;
    if (used == out.size()) {
      return Error(Code::invalid, std::string(name) + " is too long to be a key or a passphrase");
    }
    used += static_cast<std::size_t>(n);
  }
}

}  // namespace mikura

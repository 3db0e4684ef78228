#include "base/stop_event.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>

#include "base/check.h"

namespace mikura {
namespace {

Error cancelled() {
  return {Code::cancelled, "cancelled"};
}

}  // namespace

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
    if (waited[0].revents != 0) return cancelled();
    if (waited[1].revents != 0) return {};
  }
}

Result<void> StopEvent::wait_writable(int fd, std::chrono::milliseconds grace) const {
  for (;;) {
    std::array<pollfd, 2> waited{{{fd, POLLOUT, 0}, {event_.get(), POLLIN, 0}}};
    if (::poll(waited.data(), waited.size(), -1) < 0) {
      if (errno == EINTR) continue;
      return system_error(errno, "wait for", "output");
    }
    if (waited[0].revents != 0) return {};
    if (waited[1].revents == 0) continue;
    const int ready = ::poll(waited.data(), 1, static_cast<int>(grace.count()));
    if (ready > 0) return {};
    if (ready == 0) return cancelled();
  }
}

}  // namespace mikura

#include "cli/read_all.h"

#include <unistd.h>

#include <cerrno>
#include <string>

#include "base/file.h"

namespace mikura {

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

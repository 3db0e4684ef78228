#include "cli/process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

namespace mikura {
namespace {

constexpr rlim_t kWantedFiles = 65536;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kLeakCheckerAttaches = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool kLeakCheckerAttaches = true;
#else
constexpr bool kLeakCheckerAttaches = false;
#endif
#else
constexpr bool kLeakCheckerAttaches = false;
#endif

void open_standard_descriptors() {
  for (int fd = 0; fd <= 2; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    // The lowest number is taken: exactly this one.
    ::open("/dev/null", O_RDWR);
  }
}

void protect_memory() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  // LeakSanitizer could not look at a process that forbids it.
  if (!kLeakCheckerAttaches) ::prctl(PR_SET_DUMPABLE, 0);
}

void raise_file_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= kWantedFiles) return;
  limit.rlim_cur = std::min(limit.rlim_max, kWantedFiles);
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

void prepare_process() {
  open_standard_descriptors();
  protect_memory();
  raise_file_limit();
  std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace mikura

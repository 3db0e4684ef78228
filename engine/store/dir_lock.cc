#include "store/dir_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/task_group.h"

namespace mikura {
namespace {

using std::chrono::nanoseconds;

constexpr const char* kLockName = ".lock";
constexpr int kTriesBeforeSleeping = 20;
constexpr nanoseconds kFirstSleep = std::chrono::microseconds(100);
constexpr nanoseconds kLongestSleep = std::chrono::milliseconds(5);
constexpr nanoseconds kPatience = std::chrono::seconds(30);

Result<Fd> open_lock(const DirRoot& root) {
  constexpr int kFlags = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  Fd fd(::openat(root.fd(), kLockName, O_RDWR | O_CREAT | kFlags, 0666));
  // Another user made it: to lock, reading is enough on local file systems.
  const int reason = errno;
  if (!fd && reason == EACCES) fd.reset(::openat(root.fd(), kLockName, O_RDONLY | kFlags));
  if (!fd) return dir_error(reason, "open", root.path_of(kLockName));
  return fd;
}

// False if somebody has removed or replaced the lock file: others then lock another file.
bool is_current(const DirRoot& root, int fd) {
  struct stat held{};
  struct stat named{};
  return ::fstat(fd, &held) == 0 &&
         ::fstatat(root.fd(), kLockName, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
         held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

// False if another holds it.
Result<bool> try_lock(const DirRoot& root, int fd) {
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return true;
  if (errno == EWOULDBLOCK || errno == EINTR) return false;
  if (errno == ENOLCK || errno == EOPNOTSUPP || errno == ENOSYS || errno == EINVAL) {
    return Error(Code::unsupported, "the file system of " + root.path() + " has no file locks")
        .with_hint("Use a local folder, a network file system with locking, or an S3 store.");
  }
  return dir_error(errno, "lock", root.path_of(kLockName));
}

}  // namespace

Result<StoreLock> StoreLock::acquire(const DirRoot& root, const std::stop_token& stop) {
  Clock& clock = system_clock();
  const nanoseconds deadline = clock.monotonic() + kPatience;
  nanoseconds sleep = kFirstSleep;
  TRY_ASSIGN(Fd fd, open_lock(root));
  // Polled, not waited for: a blocking flock hears no stop.
  for (int tries = 1;; ++tries) {
    TRY_ASSIGN(const bool locked, try_lock(root, fd.get()));
    if (locked && is_current(root, fd.get())) return StoreLock(std::move(fd));
    if (locked) {
      TRY_ASSIGN(fd, open_lock(root));
      continue;
    }
    TRY(check_stop(stop));
    if (clock.monotonic() > deadline) {
      return Error(Code::busy,
                   "another process has held " + root.path_of(kLockName) + " for half a minute")
          .with_hint("Look for a stopped mikura process on this machine, and continue or end it.");
    }
    if (tries < kTriesBeforeSleeping) {
      std::this_thread::yield();
      continue;
    }
    clock.sleep_for(sleep, stop);
    sleep = std::min(2 * sleep, kLongestSleep);
  }
}

StoreLock::~StoreLock() {
  // Not left to close(): a child that another thread is just forking has a copy of the handle, and
  // would keep the lock.
  if (fd_) ::flock(fd_.get(), LOCK_UN);
}

}  // namespace mikura

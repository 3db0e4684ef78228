#include "local/stamp.h"

#include <fcntl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <limits>
#include <string>

namespace mikura {
namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;
constexpr unsigned kWanted =
    STATX_TYPE | STATX_MODE | STATX_INO | STATX_SIZE | STATX_MTIME | STATX_CTIME;

// Some file systems hold years beyond 2262, which nanoseconds in 64 bits do not.
std::int64_t to_ns(const struct statx_timestamp& time) {
  constexpr std::int64_t kMaxSeconds = std::numeric_limits<std::int64_t>::max() / kNsPerSecond - 1;
  if (time.tv_sec > kMaxSeconds) return kMaxSeconds * kNsPerSecond;
  if (time.tv_sec < -kMaxSeconds) return -kMaxSeconds * kNsPerSecond;
  return time.tv_sec * kNsPerSecond + time.tv_nsec;
}

std::array<timespec, 2> times_for(std::int64_t mtime_ns) {
  timespec access{};
  access.tv_nsec = UTIME_OMIT;
  timespec modified{};
  modified.tv_sec = mtime_ns / kNsPerSecond;
  modified.tv_nsec = mtime_ns % kNsPerSecond;
  if (modified.tv_nsec < 0) {
    modified.tv_nsec += kNsPerSecond;
    --modified.tv_sec;
  }
  return {access, modified};
}

int read_stamp_with(int folder, const char* name, int flags, FileStamp& out) {
  struct statx info{};
  if (::statx(folder, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | flags, kWanted, &info) != 0)
    return errno;
  out.device = ::gnu_dev_makedev(info.stx_dev_major, info.stx_dev_minor);
  out.inode = info.stx_ino;
  out.size_bytes = info.stx_size;
  out.mtime_ns = to_ns(info.stx_mtime);
  out.ctime_ns = to_ns(info.stx_ctime);
  out.mode = info.stx_mode;
  return 0;
}

}  // namespace

int read_stamp(int folder, const char* name, FileStamp& out) {
  return read_stamp_with(folder, name, 0, out);
}

int read_stamp(int fd, FileStamp& out) {
  return read_stamp_with(fd, "", AT_EMPTY_PATH, out);
}

std::optional<EntryKind> kind_of(const FileStamp& stamp) {
  if (S_ISREG(stamp.mode)) return EntryKind::file;
  if (S_ISDIR(stamp.mode)) return EntryKind::directory;
  if (S_ISLNK(stamp.mode)) return EntryKind::symlink;
  return std::nullopt;
}

bool is_same_node(const FileStamp& a, const FileStamp& b) {
  return a.device == b.device && a.inode == b.inode && a.size_bytes == b.size_bytes &&
         a.mtime_ns == b.mtime_ns && a.mode == b.mode;
}

int set_mtime(int folder, const char* name, std::int64_t mtime_ns) {
  return ::utimensat(folder, name, times_for(mtime_ns).data(), AT_SYMLINK_NOFOLLOW) == 0 ? 0
                                                                                         : errno;
}

int set_mtime(int fd, std::int64_t mtime_ns) {
  const auto times = times_for(mtime_ns);
  if (::utimensat(fd, "", times.data(), AT_EMPTY_PATH) == 0) return 0;
  // Before Linux 5.8 the flag is unknown.
  if (errno != EINVAL) return errno;
  const std::string handle = "/proc/self/fd/" + std::to_string(fd);
  return ::utimensat(AT_FDCWD, handle.c_str(), times.data(), 0) == 0 ? 0 : errno;
}

int set_permissions(int fd, std::uint32_t mode) {
  // fchmod refuses O_PATH handles; the link in /proc leads to exactly the node that the handle
  // holds.
  const std::string handle = "/proc/self/fd/" + std::to_string(fd);
  const mode_t bits = mode & (kPermissionBits | kSpecialBits);
  if (::chmod(handle.c_str(), bits) == 0) return 0;
  const int reason = errno;
  if (reason != ENOENT) return reason;
  // No /proc here: works unless the handle is O_PATH.
  return ::fchmod(fd, bits) == 0 ? 0 : errno;
}

}  // namespace mikura

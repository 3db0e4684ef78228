#include "local/copy_node.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "base/bytes.h"
#include "base/file.h"
#include "local/stamp.h"

namespace mikura {
namespace {

constexpr std::size_t kBufferBytes = 128 * 1024;
constexpr std::size_t kMaxTargetBytes = 4096;

int copy_bytes(int from, int to) {
  Bytes buffer(kBufferBytes);
  for (;;) {
    const ssize_t n = ::read(from, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return n == 0 ? 0 : errno;
    for (ssize_t done = 0; done < n;) {
      const ssize_t written = ::write(to, buffer.data() + done, static_cast<std::size_t>(n - done));
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return errno;
      done += written;
    }
  }
}

// Also a file that its owner may not read: it is ours to move, so it is ours to copy.
int open_for_copy(const NameAt& from, const FileStamp& stamp, Fd& out) {
  constexpr int kFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  out = Fd(::openat(from.folder, from.name.c_str(), kFlags));
  if (out || errno != EACCES) return out ? 0 : errno;
  const Fd handle(::openat(from.folder, from.name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!handle || set_permissions(handle.get(), stamp.mode | S_IRUSR) != 0) return EACCES;
  out = Fd(::openat(from.folder, from.name.c_str(), kFlags));
  const int error = out ? 0 : errno;
  set_permissions(handle.get(), stamp.mode);
  return error;
}

int copy_file(const NameAt& from, const NameAt& to, const FileStamp& stamp) {
  Fd source;
  if (const int error = open_for_copy(from, stamp, source); error != 0) return error;
  const Fd copy(::openat(to.folder, to.name.c_str(),
                         O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!copy) return errno;
  int error = copy_bytes(source.get(), copy.get());
  if (error == 0 && ::fchmod(copy.get(), stamp.mode & kPermissionBits) != 0) error = errno;
  if (error == 0) error = set_mtime(copy.get(), stamp.mtime_ns);
  if (error == 0 && ::fsync(copy.get()) != 0) error = errno;
  if (error != 0) ::unlinkat(to.folder, to.name.c_str(), 0);
  return error;
}

int copy_symlink(const NameAt& from, const NameAt& to, const FileStamp& stamp) {
  std::string target(kMaxTargetBytes, '\0');
  const ssize_t size = ::readlinkat(from.folder, from.name.c_str(), target.data(), target.size());
  if (size < 0) return errno;
  if (static_cast<std::size_t>(size) == target.size()) return ENAMETOOLONG;
  target.resize(static_cast<std::size_t>(size));
  if (::symlinkat(target.c_str(), to.folder, to.name.c_str()) != 0) return errno;
  const int error = set_mtime(to.folder, to.name.c_str(), stamp.mtime_ns);
  if (error != 0) ::unlinkat(to.folder, to.name.c_str(), 0);
  return error;
}

}  // namespace

int copy_node(const NameAt& from, const NameAt& to) {
  FileStamp stamp;
  if (const int error = read_stamp(from.folder, from.name.c_str(), stamp); error != 0) return error;
  if (S_ISREG(stamp.mode)) return copy_file(from, to, stamp);
  if (S_ISLNK(stamp.mode)) return copy_symlink(from, to, stamp);
  if (S_ISDIR(stamp.mode))
    return ::mkdirat(to.folder, to.name.c_str(), stamp.mode & kPermissionBits) == 0 ? 0 : errno;
  return EINVAL;
}

}  // namespace mikura

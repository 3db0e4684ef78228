#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <system_error>

namespace mikura {
namespace {

Code code_for(int errno_value) {
  switch (errno_value) {
    case ENOENT:
    case ENOTDIR:
      return Code::not_found;
    case EEXIST:
      return Code::already_exists;
    case EACCES:
    case EPERM:
    case EROFS:
      return Code::denied;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return Code::full;
    default:
      return Code::io;
  }
}

std::string parent_of(const std::string& path) {
  const auto slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string temporary_beside(const std::string& path) {
  static std::atomic<unsigned> counter = 0;
  return path + ".tmp." + std::to_string(::getpid()) + "." + std::to_string(counter.fetch_add(1));
}

Result<void> write_temporary(const std::string& temporary, ByteSpan bytes, mode_t mode) {
  const Fd fd(
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!fd) return system_error(errno, "create", temporary);
  TRY(write_fully(fd.get(), bytes, temporary));
  if (::fsync(fd.get()) != 0) return system_error(errno, "flush", temporary);
  return {};
}

}  // namespace

void Fd::reset(int fd) {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

Error system_error(int errno_value, std::string_view doing, std::string_view path) {
  std::string message = "cannot ";
  message.append(doing).append(" ").append(path).append(": ");
  message.append(std::generic_category().message(errno_value));
  Error error(code_for(errno_value), std::move(message));
  if (error.code() == Code::full) {
    return std::move(error).with_hint("Free some disk space and run the command again.");
  }
  return error;
}

Result<std::size_t> read_fully(int fd, MutableByteSpan out, std::string_view name) {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t n = ::read(fd, out.data() + done, out.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error(errno, "read", name);
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  return done;
}

Result<void> write_fully(int fd, ByteSpan bytes, std::string_view name) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error(errno, "write", name);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

Result<Bytes> read_file(const std::string& path, std::uint64_t max_bytes) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return system_error(errno, "open", path);
  struct stat info{};
  if (::fstat(fd.get(), &info) != 0) return system_error(errno, "inspect", path);
  if (S_ISDIR(info.st_mode)) return system_error(EISDIR, "read", path);
  // Grown step by step: a pipe or a /proc file has no size, and a file may grow while it is read.
  Bytes out(std::min<std::uint64_t>(static_cast<std::uint64_t>(std::max<off_t>(info.st_size, 0)),
                                    max_bytes) +
            1);
  std::size_t used = 0;
  for (;;) {
    TRY_ASSIGN(const std::size_t n, read_fully(fd.get(), std::span(out).subspan(used), path));
    used += n;
    if (used > max_bytes) {
      return Error(Code::full,
                   path + " is larger than the limit of " + std::to_string(max_bytes) + " bytes");
    }
    if (used < out.size()) break;
    out.resize(std::min<std::uint64_t>(out.size() * 2 + 4096, max_bytes + 1));
  }
  out.resize(used);
  return out;
}

Result<void> write_file_atomically(const std::string& path, ByteSpan bytes, mode_t mode) {
  const std::string temporary = temporary_beside(path);
  auto written = write_temporary(temporary, bytes, mode);
  if (!written) {
    ::unlink(temporary.c_str());
    return written;
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const int reason = errno;
    ::unlink(temporary.c_str());
    return system_error(reason, "replace", path);
  }
  return sync_directory(parent_of(path));
}

Result<void> sync_directory(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return system_error(errno, "open", path);
  if (::fsync(fd.get()) != 0) return system_error(errno, "flush", path);
  return {};
}

Result<void> make_directories(const std::string& path, mode_t mode) {
  if (::mkdir(path.c_str(), mode) == 0) return {};
  if (errno == ENOENT && path != "/" && path != ".") {
    TRY(make_directories(parent_of(path), mode));
    if (::mkdir(path.c_str(), mode) == 0) return {};
  }
  const int reason = errno;
  struct stat info{};
  if (reason == EEXIST && ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) return {};
  return system_error(reason, "create the folder", path);
}

}  // namespace mikura

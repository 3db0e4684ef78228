#include "store/dir_etag.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <ctime>

#include "base/file.h"
#include "crypto/hash.h"

namespace mikura {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::size_t kReadSize = 256U << 10;

bool is_rounded(std::int64_t time_ns) {
  return time_ns % 1000 == 0;
}

std::string content_etag(const Sha256Digest& digest) {
  return "h" + digest.hex();
}

}  // namespace

std::int64_t modification_time_ns(const struct stat& info) {
  return static_cast<std::int64_t>(info.st_mtim.tv_sec) * kSecond + info.st_mtim.tv_nsec;
}

std::int64_t next_stamp_ns(std::int64_t after_ns) {
  static std::atomic<std::int64_t> last = 0;
  // Not base/clock.h: a clock that a test holds still would make two processes give the same stamp.
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  const std::int64_t now_ns = static_cast<std::int64_t>(now.tv_sec) * kSecond + now.tv_nsec;
  std::int64_t previous = last.load();
  std::int64_t stamp = 0;
  do {
    stamp = std::max({now_ns, previous + 1, after_ns + 1});
    if (is_rounded(stamp)) ++stamp;
  } while (!last.compare_exchange_weak(previous, stamp));
  return stamp;
}

Result<void> set_stamp(int fd, std::int64_t stamp_ns, std::string_view path) {
  const timespec times[2] = {{.tv_sec = 0, .tv_nsec = UTIME_OMIT},
                             {.tv_sec = stamp_ns / kSecond, .tv_nsec = stamp_ns % kSecond}};
  if (::futimens(fd, times) != 0) return system_error(errno, "set the time of", path);
  return {};
}

std::optional<std::string> etag_of_stamp(const struct stat& info) {
  const std::int64_t stamp = modification_time_ns(info);
  if (is_rounded(stamp)) return std::nullopt;
  return "s" + std::to_string(info.st_ino) + "-" + std::to_string(stamp) + "-" +
         std::to_string(info.st_size);
}

std::string etag_of_content(ByteSpan data) {
  return content_etag(sha256(data));
}

Result<std::string> etag_of_file(int fd, const struct stat& info, std::string_view path) {
  if (std::optional<std::string> etag = etag_of_stamp(info)) return *std::move(etag);
  if (::lseek(fd, 0, SEEK_SET) != 0) return system_error(errno, "read", path);
  Sha256 hash;
  Bytes buffer(kReadSize);
  for (;;) {
    TRY_ASSIGN(const std::size_t n, read_fully(fd, buffer, path));
    hash.update(ByteSpan(buffer).first(n));
    if (n < buffer.size()) return content_etag(hash.finish());
  }
}

}  // namespace mikura

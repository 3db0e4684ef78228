#include "local/hashing.h"

#include <fcntl.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <optional>

#include "base/file.h"
#include "base/task_group.h"
#include "crypto/hash.h"
#include "format/path.h"
#include "local/stamp.h"

namespace mikura {
namespace {

constexpr std::size_t kBufferBytes = 256 * 1024;
constexpr int kMaxReads = 3;
// Files are dealt to the workers in groups, so that a folder is opened once for many; a large file
// is a group of its own.
constexpr std::size_t kGroupFiles = 32;
constexpr std::uint64_t kLargeFileBytes = 16ULL << 20;

constexpr std::int64_t kLocalSlackNs = 20'000'000;
constexpr std::int64_t kUnknownSlackNs = 2'000'000'000;

// The kernel's clock, which stamps files; not the Clock seam, which a test may have set to any
// time.
std::int64_t now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

// One per group of files.
class Reader {
 public:
  Reader(const ScanRoot& root, const std::function<void(std::uint64_t)>& read_bytes,
         std::stop_token stop)
      : root_(root), read_bytes_(read_bytes), stop_(std::move(stop)) {}

  Result<void> hash(const std::string& path, HashedFile& out) {
    int error = enter(parent_path(path));
    if (error != 0) return fail(path, error, out);
    const Fd fd(::openat(folder_.get(), std::string(file_name(path)).c_str(),
                         O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!fd) return fail(path, errno, out);
    for (int i = 0; i < kMaxReads; ++i) {
      FileStamp before;
      error = read_stamp(fd.get(), before);
      if (error != 0) return fail(path, error, out);
      if (!S_ISREG(before.mode)) return unstable("it is no file any more", out);
      if (i > 0 && ::lseek(fd.get(), 0, SEEK_SET) != 0) return fail(path, errno, out);
      TRY_ASSIGN(const bool same, read_once(fd.get(), path, before, out));
      if (same) return {};
    }
    return unstable("it kept changing while it was read", out);
  }

 private:
  int enter(std::string_view folder) {
    if (folder_ && folder == folder_path_) return 0;
    OpenedFolder opened = open_beneath(root_.fd, folder, O_PATH, root_.walk);
    if (!opened.fd) return opened.error;
    folder_ = std::move(opened.fd);
    folder_path_ = folder;
    return 0;
  }

  static Result<void> fail(const std::string& path, int error, HashedFile& out) {
    // A folder that is one no more, a symlink in the file's place: changed while we looked. Next
    // time it is what it is then.
    if (error == ELOOP || error == ENOTDIR)
      return unstable("it changed its kind while it was looked at", out);
    out.status = error == ENOENT ? HashedFile::Status::gone : HashedFile::Status::unreadable;
    out.reason = system_error(error, "read", path).message();
    return {};
  }

  static Result<void> unstable(const char* reason, HashedFile& out) {
    out.status = HashedFile::Status::unstable;
    out.reason = reason;
    return {};
  }

  // True if `out` is settled: hashed, or beyond reading. False if the file changed meanwhile.
  Result<bool> read_once(int fd, const std::string& path, const FileStamp& before,
                         HashedFile& out) {
    thread_local Bytes buffer(kBufferBytes);
    const std::int64_t started_ns = now_ns();
    Sha256 hash;
    std::uint64_t total = 0;
    for (;;) {
      TRY(check_stop(stop_));
      const ssize_t size = ::read(fd, buffer.data(), buffer.size());
      if (size < 0 && errno == EINTR) continue;
      if (size < 0) {
        TRY(fail(path, errno, out));
        return true;
      }
      if (size == 0) break;
      total += static_cast<std::uint64_t>(size);
      if (total > before.size_bytes) return false;  // it grows
      hash.update(std::span(buffer).first(static_cast<std::size_t>(size)));
      read_bytes_(static_cast<std::uint64_t>(size));
    }
    FileStamp after;
    if (read_stamp(fd, after) != 0 || after != before || total != after.size_bytes) return false;
    out.status = HashedFile::Status::hashed;
    out.record.stamp = after;
    out.record.sha256 = hash.finish();
    out.record.content = out.record.sha256;
    out.record.racy =
        std::max(after.mtime_ns, after.ctime_ns) >= started_ns - slack_ns(fd, after.device);
    return true;
  }

  std::int64_t slack_ns(int fd, std::uint64_t device) {
    if (slack_device_ != device) {
      slack_ns_ = timestamp_slack_ns(fd);
      slack_device_ = device;
    }
    return slack_ns_;
  }

  const ScanRoot root_;
  const std::function<void(std::uint64_t)>& read_bytes_;
  const std::stop_token stop_;
  Fd folder_;
  std::string folder_path_;
  std::optional<std::uint64_t> slack_device_;
  std::int64_t slack_ns_ = kUnknownSlackNs;
};

struct Group {
  std::size_t first, count;
};

// Large files first: the last to be finished should not be one that a single worker has just begun.
std::vector<Group> deal(std::span<const std::uint64_t> sizes) {
  std::vector<Group> groups;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] >= kLargeFileBytes) groups.push_back({i, 1});
  }
  std::sort(groups.begin(), groups.end(),
            [&](const Group& a, const Group& b) { return sizes[a.first] > sizes[b.first]; });
  for (std::size_t i = 0; i < sizes.size();) {
    std::size_t end = i;
    while (end < sizes.size() && end - i < kGroupFiles && sizes[end] < kLargeFileBytes)
      ++end;
    if (end > i) groups.push_back({i, end - i});
    i = end > i ? end : i + 1;  // a large file is passed over
  }
  return groups;
}

}  // namespace

std::int64_t timestamp_slack_ns(int fd) {
  constexpr long kExt4 = 0xEF53;
  constexpr long kXfs = 0x58465342;
  constexpr long kBtrfs = 0x9123683E;
  constexpr long kTmpfs = 0x01021994;
  constexpr long kZfs = 0x2FC12FC1;
  constexpr long kF2fs = 0xF2F52010;
  constexpr long kOverlay = 0x794C7630;
  struct statfs info{};
  if (::fstatfs(fd, &info) != 0) return kUnknownSlackNs;
  const long type = static_cast<long>(info.f_type) & 0xFFFFFFFFL;
  for (const long local : {kExt4, kXfs, kBtrfs, kTmpfs, kZfs, kF2fs, kOverlay}) {
    if (type == local) return kLocalSlackNs;
  }
  return kUnknownSlackNs;
}

Result<std::vector<HashedFile>> hash_files(const ScanRoot& root,
                                           std::span<const std::string* const> paths,
                                           std::span<const std::uint64_t> sizes, unsigned workers,
                                           const std::function<void(std::uint64_t)>& read_bytes,
                                           std::stop_token stop) {
  std::vector<HashedFile> files(paths.size());
  const std::vector<Group> groups = deal(sizes);
  TRY(for_each_bounded(
      groups.size(), workers, stop, [&](std::size_t g, std::stop_token inner) -> Result<void> {
        Reader reader(root, read_bytes, inner);
        for (std::size_t i = groups[g].first; i < groups[g].first + groups[g].count; ++i) {
          TRY(check_stop(inner));
          TRY(reader.hash(*paths[i], files[i]));
        }
        return {};
      }));
  return files;
}

}  // namespace mikura

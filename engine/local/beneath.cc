#include "local/beneath.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "format/path.h"

namespace mikura {
namespace {

constexpr int kDirectoryFlags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

int open_with_openat2(int root, const std::string& path) {
  struct open_how how {};
  how.flags = kDirectoryFlags;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  return static_cast<int>(::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how));
}

// For kernels without openat2: no component may be a symlink, and none is ".." (check_tree_path).
int open_step_by_step(int root, std::string_view path) {
  Fd current(::openat(root, ".", kDirectoryFlags));
  while (current && !path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string component(path.substr(0, slash));
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
    current = Fd(::openat(current.get(), component.c_str(), kDirectoryFlags));
  }
  return current.release();
}

}  // namespace

Result<void> check_tree_path(std::string_view path) {
  std::string plain;
  plain.reserve(path.size());
  for (std::string_view rest = path;;) {
    const std::size_t slash = rest.find('/');
    const std::string_view component = rest.substr(0, slash);
    // Conflict copies are ours to place, though never in an index.
    plain += is_conflict_copy_name(component) ? std::string_view("c") : component;
    if (slash == std::string_view::npos) break;
    plain.push_back('/');
    rest.remove_prefix(slash + 1);
  }
  return validate_path(plain);
}

Result<Fd> open_directory_beneath(int root, std::string_view path) {
  if (path.empty()) {
    Fd fd(::openat(root, ".", kDirectoryFlags));
    if (!fd) return system_error(errno, "open", "the workspace folder");
    return fd;
  }
  static std::atomic<bool> has_openat2 = true;
  const std::string text(path);
  Fd fd;
  if (has_openat2) {
    fd = Fd(open_with_openat2(root, text));
    if (!fd && (errno == ENOSYS || errno == EPERM)) has_openat2 = false;
  }
  if (!has_openat2) fd = Fd(open_step_by_step(root, path));
  if (fd) return fd;
  // ELOOP and EXDEV: a symlink stands where a folder was: for us the folder is not there.
  const int reason = errno == ELOOP || errno == EXDEV ? ENOTDIR : errno;
  return system_error(reason, "open", path);
}

Result<Place> place_of(int root, std::string_view path) {
  TRY(check_tree_path(path));
  TRY_ASSIGN(Fd parent, open_directory_beneath(root, parent_path(path)));
  return Place{std::move(parent), std::string(file_name(path))};
}

FileStamp stamp_of(const struct stat& info) {
  FileStamp stamp;
  stamp.device = info.st_dev;
  stamp.inode = info.st_ino;
  stamp.size_bytes = static_cast<std::uint64_t>(info.st_size);
  stamp.mtime_ns = info.st_mtim.tv_sec * 1'000'000'000LL + info.st_mtim.tv_nsec;
  stamp.ctime_ns = info.st_ctim.tv_sec * 1'000'000'000LL + info.st_ctim.tv_nsec;
  stamp.mode = info.st_mode;
  return stamp;
}

bool is_same_node(const FileStamp& a, const FileStamp& b) {
  return a.device == b.device && a.inode == b.inode && a.size_bytes == b.size_bytes && a.mtime_ns == b.mtime_ns && a.mode == b.mode;
}

Result<std::optional<FileStamp>> stamp_at(int parent, const std::string& name) {
  struct stat info {};
  if (::fstatat(parent, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0) return std::optional<FileStamp>(stamp_of(info));
  if (errno == ENOENT) return std::optional<FileStamp>();
  return system_error(errno, "inspect", name);
}

}  // namespace mikura

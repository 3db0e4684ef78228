#include "local/beneath.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>

#include "format/path.h"

namespace mikura {
namespace {

constexpr int kFolderFlags = O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
// Each piece of a long path must be shorter than PATH_MAX; a component has at most 255 bytes.
constexpr std::size_t kMaxPieceBytes = 3840;
// openat2 gives up with EAGAIN when it races with renames elsewhere.
constexpr int kMaxTries = 16;

std::atomic<bool> openat2_works = true;

int open_with_openat2(int base, const std::string& path, int access) {
  struct open_how how{};
  how.flags = static_cast<std::uint64_t>(access | kFolderFlags);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  int fd = -1;
  for (int i = 0; i < kMaxTries; ++i) {
    fd = static_cast<int>(::syscall(SYS_openat2, base, path.c_str(), &how, sizeof how));
    if (fd >= 0 || (errno != EAGAIN && errno != EINTR)) break;
  }
  return fd;
}

OpenedFolder opened(int fd) {
  if (fd >= 0) return {Fd(fd), 0};
  // ELOOP, EXDEV: a symlink. For us there is no folder then.
  return {Fd(), errno == ELOOP || errno == EXDEV ? ENOTDIR : errno};
}

OpenedFolder open_component(int base, const std::string& name, int access) {
  int fd = -1;
  do {
    fd = ::openat(base, name.c_str(), access | kFolderFlags);
  } while (fd < 0 && errno == EINTR);
  return opened(fd);
}

// The longest leading part of `path` that fits `max_bytes` and ends at a component's end; cuts it
// from `path`.
std::string_view take_piece(std::string_view& path, std::size_t max_bytes) {
  std::size_t end = path.size();
  if (end > max_bytes) {
    end = path.rfind('/', max_bytes);
    // A single component longer than that: the system will refuse it.
    if (end == std::string_view::npos) end = std::min(path.find('/'), path.size());
  }
  const std::string_view piece = path.substr(0, end);
  path.remove_prefix(std::min(end + 1, path.size()));
  return piece;
}

OpenedFolder walk(int base, std::string_view path, int access, WalkMethod method) {
  const bool whole_pieces = method == WalkMethod::automatic && openat2_works;
  Fd current;
  int at = base;
  while (!path.empty()) {
    const std::string piece(whole_pieces ? take_piece(path, kMaxPieceBytes)
                                         : take_piece(path, std::min(path.find('/'), path.size())));
    const int piece_access = path.empty() ? access : O_PATH;
    OpenedFolder next = whole_pieces ? opened(open_with_openat2(at, piece, piece_access))
                                     : open_component(at, piece, piece_access);
    if (!next.fd) return next;
    current = std::move(next.fd);
    at = current.get();
  }
  return {std::move(current), 0};
}

Result<void> check_component(std::string_view component, bool is_first) {
  if (!is_conflict_copy_name(component))
    return validate_path(is_first ? std::string(component) : "x/" + std::string(component));
  // Everything else that makes a name bad still does.
  std::string disguised(component);
  if (!disguised.empty()) disguised.front() = '_';
  return validate_path(disguised);
}

}  // namespace

Result<void> check_tree_path(std::string_view path) {
  auto plain = validate_path(path);
  if (plain) return plain;
  // The copy of a path of the greatest length is longer still.
  constexpr std::size_t kMaxCopyPathBytes = kMaxPathBytes + kMaxComponentBytes;
  bool has_copy = false;
  bool is_first = true;
  for (std::string_view rest = path; path.size() <= kMaxCopyPathBytes;) {
    const std::size_t slash = rest.find('/');
    const std::string_view component = rest.substr(0, slash);
    TRY(check_component(component, is_first));
    has_copy = has_copy || is_conflict_copy_name(component);
    if (slash == std::string_view::npos) break;
    rest.remove_prefix(slash + 1);
    is_first = false;
  }
  if (has_copy) return {};
  return plain;
}

OpenedFolder open_beneath(int base, std::string_view path, int access, WalkMethod method) {
  if (path.empty()) return open_component(base, ".", access);
  OpenedFolder folder = walk(base, path, access, method);
  // EPERM: what some sandboxes answer to a system call they do not know. openat2 has no other use
  // for it here.
  if (folder.fd || method != WalkMethod::automatic ||
      (folder.error != ENOSYS && folder.error != EPERM))
    return folder;
  openat2_works = false;
  return walk(base, path, access, WalkMethod::components);
}

Result<Place> locate(int root, std::string_view path, WalkMethod method) {
  TRY(check_tree_path(path));
  OpenedFolder parent = open_beneath(root, parent_path(path), O_PATH, method);
  if (!parent.fd) return system_error(parent.error, "open the folder of", path);
  return Place{std::move(parent.fd), std::string(file_name(path)), std::string(path)};
}

}  // namespace mikura

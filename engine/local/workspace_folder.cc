#include "local/workspace_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace mikura {
namespace {

std::string folder_of(const std::string& root) { return root + "/" + std::string(kMikuraFolder); }

// A real directory, not a symlink to one: what is written there must stay inside the workspace.
bool is_real_directory(const std::string& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

Result<void> make_private_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0) return {};
  if (errno != EEXIST) return system_error(errno, "create the folder", path);
  if (is_real_directory(path)) return {};
  return Error(Code::refused, path + " is there but is not a folder")
      .with_hint("Mikura keeps its state in that folder. Rename what is there and run the command again.");
}

std::string owner_of(int fd) {
  char text[32] = {};
  const ssize_t n = ::pread(fd, text, sizeof text - 1, 0);
  std::string pid(text, n > 0 ? static_cast<std::size_t>(n) : 0);
  while (!pid.empty() && (pid.back() < '0' || pid.back() > '9')) pid.pop_back();
  return pid.empty() ? "another process" : "process " + pid;
}

}  // namespace

Result<std::string> find_workspace_root(const std::string& start) {
  std::error_code failure;
  const std::filesystem::path begin = std::filesystem::weakly_canonical(start, failure);
  if (failure) return system_error(failure.value(), "find", start);
  for (std::filesystem::path folder = begin;; folder = folder.parent_path()) {
    if (is_real_directory(folder_of(folder.string()))) return folder.string();
    if (folder == folder.parent_path()) break;
  }
  return Error(Code::not_found, begin.string() + " is not in a Mikura workspace")
      .with_hint("`mikura init STORE` starts a new repository here, `mikura link STORE` connects to one, `mikura clone STORE DIR` fetches one.");
}

Result<void> make_workspace_folder(const std::string& root) {
  const std::string folder = folder_of(root);
  TRY(make_private_directory(folder));
  TRY(make_private_directory(folder + "/tmp"));
  return make_private_directory(folder + "/backup");
}

Result<WorkspaceLock> WorkspaceLock::acquire(const std::string& root) {
  const std::string path = folder_of(root) + "/lock";
  Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return system_error(errno, "open", path);
  while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return system_error(errno, "lock", path);
    return Error(Code::busy, owner_of(fd.get()) + " is working on " + root)
        .with_hint("Wait until it has finished, then run the command again.");
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd.get(), 0) != 0) return system_error(errno, "write", path);
  TRY(write_fully(fd.get(), as_bytes(pid), path));
  return WorkspaceLock(std::move(fd));
}

}  // namespace mikura

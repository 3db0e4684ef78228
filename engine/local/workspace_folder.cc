#include "local/workspace_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>

namespace mikura {
namespace {

std::string folder_of(const std::string& root) {
  return root + "/" + std::string(kMikuraFolder);
}

// A real directory, not a symlink to one: what is written there must stay inside the workspace.
bool is_real_directory(const std::string& path) {
  struct stat info{};
  return ::lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

Result<void> make_private_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0) return {};
  if (errno != EEXIST) return system_error(errno, "create the folder", path);
  if (is_real_directory(path)) return {};
  return Error(Code::refused, path + " is there but is not a folder")
      .with_hint(
          "Mikura keeps its state in that folder. Rename what is there and run the command again.");
}

// A workspace may be a git repository as well: our state must not look like something to commit.
Result<void> hide_from_git(const std::string& folder) {
  const std::string path = folder + "/.gitignore";
  const Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  // There already, or a read-only folder: no reason to fail.
  if (!fd) return {};
  return write_fully(fd.get(), as_bytes("*\n"), path);
}

std::string owner_of(int fd) {
  char text[32] = {};
  const ssize_t n = ::pread(fd, text, sizeof text - 1, 0);
  std::string pid(text, n > 0 ? static_cast<std::size_t>(n) : 0);
  while (!pid.empty() && (pid.back() < '0' || pid.back() > '9'))
    pid.pop_back();
  return pid.empty() ? "another process" : "process " + pid;
}

}  // namespace

Result<std::string> find_workspace_root(const std::string& start) {
  const std::unique_ptr<char, decltype([](char* text) { std::free(text); })> real(
      ::realpath(start.c_str(), nullptr));
  if (real == nullptr) return system_error(errno, "find the folder", start);
  const std::string begin = real.get();
  for (std::string folder = begin;;) {
    if (is_real_directory(folder_of(folder))) return folder;
    if (folder == "/") break;
    folder.erase(std::max<std::size_t>(folder.find_last_of('/'), 1));
  }
  return Error(Code::not_found, begin + " is not in a Mikura workspace")
      .with_hint(
          "`mikura init STORE` starts a new repository here, `mikura link STORE` connects to one, "
          "`mikura clone STORE DIR` fetches one.");
}

Result<void> make_workspace_folder(const std::string& root) {
  const std::string folder = folder_of(root);
  TRY(make_private_directory(folder));
  TRY(make_private_directory(folder + "/tmp"));
  TRY(make_private_directory(folder + "/backup"));
  return hide_from_git(folder);
}

Result<WorkspaceLock> WorkspaceLock::acquire(const std::string& root) {
  const std::string path = folder_of(root) + "/lock";
  for (;;) {
    Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd) return system_error(errno, "open", path);
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno == EINTR) continue;
      if (errno != EWOULDBLOCK) return system_error(errno, "lock", path);
      return Error(Code::busy, owner_of(fd.get()) + " is working on " + root)
          .with_hint("Wait until it has finished, then run the command again.");
    }
    // The folder .mikura may be deleted and made anew at any time; a lock on the deleted file would
    // keep nobody out.
    struct stat held{};
    struct stat there{};
    if (::fstat(fd.get(), &held) != 0) return system_error(errno, "inspect", path);
    if (::lstat(path.c_str(), &there) != 0 || held.st_ino != there.st_ino ||
        held.st_dev != there.st_dev)
      continue;
    const std::string pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(fd.get(), 0) != 0) return system_error(errno, "write", path);
    TRY(write_fully(fd.get(), as_bytes(pid), path));
    return WorkspaceLock(std::move(fd));
  }
}

}  // namespace mikura

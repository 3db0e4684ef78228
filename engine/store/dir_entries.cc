#include "store/dir_entries.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <memory>
#include <optional>
#include <string_view>

#include "base/file.h"
#include "store/dir_files.h"

namespace mikura {
namespace {

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

DirEntry::Kind kind_of_mode(mode_t mode) {
  if (S_ISREG(mode)) return DirEntry::Kind::file;
  return S_ISDIR(mode) ? DirEntry::Kind::folder : DirEntry::Kind::other;
}

// nullopt if the entry has gone since.
std::optional<DirEntry::Kind> kind_of(int folder, const dirent& entry) {
  switch (entry.d_type) {
    case DT_REG:
      return DirEntry::Kind::file;
    case DT_DIR:
      return DirEntry::Kind::folder;
    case DT_UNKNOWN:
      break;  // this file system keeps no types in its folders
    default:
      return DirEntry::Kind::other;
  }
  struct stat info{};
  if (::fstatat(folder, entry.d_name, &info, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
  return kind_of_mode(info.st_mode);
}

}  // namespace

Result<std::vector<DirEntry>> read_entries(int folder, const std::string& path) {
  // A handle of its own: a position in the folder is shared by copies of a handle.
  Fd fd(::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return dir_error(errno, "open the folder", path);
  const Directory directory(::fdopendir(fd.get()));
  if (!directory) return dir_error(errno, "read the folder", path);
  fd.release();

  std::vector<DirEntry> entries;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(directory.get());
    if (entry == nullptr) {
      if (errno != 0) return dir_error(errno, "read the folder", path);
      return entries;
    }
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (const auto kind = kind_of(folder, *entry)) entries.push_back({std::string(name), *kind});
  }
}

}  // namespace mikura

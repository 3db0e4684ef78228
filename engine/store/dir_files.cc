#include "store/dir_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "store/store_errors.h"

namespace mikura {
namespace {

int open_flags(Access access) {
  return (access == Access::read ? O_RDONLY : O_PATH) | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
}

// Why a component could not be opened as a folder although it exists.
Error not_a_folder(int above, const std::string& component, Missing missing,
                   const std::string& path) {
  struct stat info{};
  const bool is_object =
      ::fstatat(above, component.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(info.st_mode);
  if (!is_object) return not_a_plain_file(path);
  if (missing == Missing::fail) return object_not_found(path);
  return {Code::io, path + " is an object of the store and cannot be a folder too"};
}

Result<Fd> open_step(int above, const std::string& component, Missing missing, Access access,
                     const std::string& path) {
  for (;;) {
    Fd fd(::openat(above, component.c_str(), open_flags(access)));
    if (fd) return fd;
    const int reason = errno;
    if (reason == ENOTDIR || reason == ELOOP) return not_a_folder(above, component, missing, path);
    if (reason != ENOENT || missing == Missing::fail)
      return dir_error(reason, "open the folder", path);
    // Another writer may be faster: that is as good.
    if (::mkdirat(above, component.c_str(), 0777) == 0 || errno == EEXIST) continue;
    Error error = dir_error(errno, "create the folder", path);
    // Only if the folder above has been removed under us: no answer to "is the object there?".
    if (error.code() == Code::not_found) return std::move(error).with_code(Code::io);
    return error;
  }
}

}  // namespace

Result<DirRoot> DirRoot::open(const std::string& path) {
  // A link is fine here: the user named it. Not O_PATH: listing and syncfs need a real handle.
  Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd) return DirRoot(std::move(fd), path == "/" ? std::string() : path);
  if (errno == ENOTDIR) {
    return Error(Code::invalid, path + " is not a folder")
        .with_hint("Give the path of a folder as store.");
  }
  return dir_error(errno, "open the store's folder", path)
      .with_hint("Check the path and, if it is on another disk, that the disk is mounted.");
}

SplitName split_name(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  if (slash == std::string_view::npos) return {"", std::string(name)};
  return {name.substr(0, slash), std::string(name.substr(slash + 1))};
}

Error dir_error(int errno_value, std::string_view doing, const std::string& path) {
  Error error = system_error(errno_value, doing, path);
  switch (errno_value) {
    case EXDEV:
      return std::move(error)
          .with_code(Code::unsupported)
          .with_hint("A store must lie in one file system: undo the mount inside its folder.");
    case ESTALE:
    case ETIMEDOUT:
    case EHOSTDOWN:
    case EHOSTUNREACH:
      return std::move(error).with_code(Code::transient);
    default:
      return error;
  }
}

Error not_a_plain_file(const std::string& path) {
  return Error(Code::io, path + " is neither a plain file nor a folder")
      .with_hint(
          "A store holds no symbolic links, devices or pipes: move it out of the store's folder.");
}

Result<Fd> open_folder(const DirRoot& root, std::string_view folder, Missing missing,
                       Access access) {
  if (folder.empty()) {
    Fd fd(::openat(root.fd(), ".", open_flags(access)));
    if (!fd) return dir_error(errno, "open the store's folder", root.path());
    return fd;
  }
  Fd current;
  for (std::size_t begin = 0; begin < folder.size();) {
    const std::size_t end = std::min(folder.find('/', begin), folder.size());
    const int above = current ? current.get() : root.fd();
    const std::string component(folder.substr(begin, end - begin));
    const Access step = end == folder.size() ? access : Access::name_files;
    TRY_ASSIGN(Fd next,
               open_step(above, component, missing, step, root.path_of(folder.substr(0, end))));
    current = std::move(next);
    begin = end + 1;
  }
  return current;
}

Result<OpenFile> open_object_in(int folder, const std::string& leaf, const std::string& path) {
  OpenFile file;
  // O_NONBLOCK: opening a pipe that somebody put there must not wait for its writer.
  file.fd.reset(
      ::openat(folder, leaf.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file.fd) {
    if (errno == ELOOP || errno == ENXIO) return not_a_plain_file(path);
    return dir_error(errno, "open", path);
  }
  if (::fstat(file.fd.get(), &file.info) != 0) return dir_error(errno, "inspect", path);
  if (S_ISDIR(file.info.st_mode)) return object_not_found(path);
  if (!S_ISREG(file.info.st_mode)) return not_a_plain_file(path);
  return file;
}

Result<OpenFile> open_object(const DirRoot& root, std::string_view name) {
  const SplitName split = split_name(name);
  TRY_ASSIGN(const Fd folder, open_folder(root, split.folder, Missing::fail, Access::name_files));
  return open_object_in(folder.get(), split.leaf, root.path_of(name));
}

Result<void> sync_folder(const DirRoot& root, std::string_view folder) {
  TRY_ASSIGN(const Fd fd, open_folder(root, folder, Missing::fail, Access::read));
  // Some file systems cannot flush a folder: it is their way of saying that there is nothing to do.
  if (::fsync(fd.get()) != 0 && errno != EINVAL && errno != EOPNOTSUPP && errno != ENOSYS) {
    return dir_error(errno, "flush the folder", root.path_of(folder));
  }
  return {};
}

Result<void> sync_folders(const DirRoot& root, std::string_view folder) {
  for (;; folder = split_name(folder).folder) {
    TRY(sync_folder(root, folder));
    if (folder.empty()) return {};
  }
}

}  // namespace mikura

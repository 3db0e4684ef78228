#include "store/dir_temporary.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <optional>
#include <string_view>

#include "store/dir_entries.h"
#include "store/dir_etag.h"

namespace mikura {
namespace {

constexpr std::string_view kTemporaryFolder = ".tmp";
constexpr std::time_t kStaleAfterSeconds = 24 * 3600;

std::string unused_name() {
  static std::atomic<std::uint64_t> counter = 0;
  return std::to_string(::getpid()) + "." + std::to_string(next_stamp_ns(0)) + "." +
         std::to_string(counter.fetch_add(1));
}

Error unknown_call(const DirTarget& target) {
  return {Code::unsupported, "the file system cannot create " + target.path + " this way"};
}

}  // namespace

Result<TemporaryFile> TemporaryFile::write(const DirRoot& root, ByteSpan data,
                                           std::int64_t after_ns) {
  TRY_ASSIGN(Fd folder, open_folder(root, kTemporaryFolder, Missing::create, Access::name_files));
  for (;;) {
    std::string name = unused_name();
    // Everybody may read: what a store holds is sealed, and the user's umask has the last word.
    Fd file(::openat(folder.get(), name.c_str(),
                     O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
    if (!file && errno == EEXIST)
      continue;  // a process of another machine, on a network file system
    if (!file) return dir_error(errno, "create a file in", root.path_of(kTemporaryFolder));
    std::string path = root.path_of(kTemporaryFolder) + "/" + name;
    TemporaryFile temporary(std::move(folder), std::move(name), std::move(path), std::move(file));
    TRY(temporary.fill(data, after_ns));
    return temporary;
  }
}

Result<void> TemporaryFile::fill(ByteSpan data, std::int64_t after_ns) {
  TRY(write_fully(file_.get(), data, path_));
  TRY(set_stamp(file_.get(), next_stamp_ns(after_ns), path_));
  // What the file system made of the stamp, not what was asked for: others will see that.
  struct stat info{};
  if (::fstat(file_.get(), &info) != 0) return dir_error(errno, "inspect", path_);
  std::optional<std::string> etag = etag_of_stamp(info);
  etag_ = etag ? *std::move(etag) : etag_of_content(data);
  return {};
}

TemporaryFile::~TemporaryFile() {
  if (!name_.empty()) ::unlinkat(folder_.get(), name_.c_str(), 0);
}

Result<void> TemporaryFile::sync() {
  if (::fsync(file_.get()) != 0) return dir_error(errno, "flush", path_);
  return {};
}

Result<bool> TemporaryFile::create_by_rename(const DirTarget& target) {
  if (::renameat2(folder_.get(), name_.c_str(), target.folder, target.leaf.c_str(),
                  RENAME_NOREPLACE) == 0) {
    name_.clear();
    return true;
  }
  if (errno == EEXIST) return false;
  if (errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP) return unknown_call(target);
  return dir_error(errno, "create", target.path);
}

Result<bool> TemporaryFile::create_by_link(const DirTarget& target) {
  const bool linked =
      ::linkat(folder_.get(), name_.c_str(), target.folder, target.leaf.c_str(), 0) == 0;
  const int reason = errno;
  if (!linked) {
    if (reason == EPERM || reason == ENOSYS || reason == EOPNOTSUPP || reason == EMLINK)
      return unknown_call(target);
    if (reason != EEXIST) return dir_error(reason, "create", target.path);
    // A network file system that repeats a request after a lost answer says "exists" of its own
    // work: then the file has two names.
    struct stat info{};
    if (::fstat(file_.get(), &info) != 0 || info.st_nlink < 2) return false;
  }
  // The destructor removes the other name.
  return true;
}

Result<void> TemporaryFile::replace(const DirTarget& target) {
  if (::renameat(folder_.get(), name_.c_str(), target.folder, target.leaf.c_str()) != 0) {
    return dir_error(errno, "replace", target.path);
  }
  name_.clear();
  return {};
}

void remove_stale_temporaries(const DirRoot& root) {
  auto folder = open_folder(root, kTemporaryFolder, Missing::fail, Access::read);
  if (!folder) return;
  auto entries = read_entries(folder->get(), root.path_of(kTemporaryFolder));
  if (!entries) return;
  const std::time_t now = std::time(nullptr);
  for (const DirEntry& entry : *entries) {
    struct stat info{};
    if (entry.kind != DirEntry::Kind::file) continue;
    if (::fstatat(folder->get(), entry.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) continue;
    if (now - info.st_mtim.tv_sec > kStaleAfterSeconds)
      ::unlinkat(folder->get(), entry.name.c_str(), 0);
  }
}

}  // namespace mikura

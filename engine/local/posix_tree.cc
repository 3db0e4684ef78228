#include "local/posix_tree.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "base/check.h"
#include "base/log.h"
#include "format/path.h"
#include "local/backup.h"
#include "local/beneath.h"
#include "local/scanner.h"

namespace mikura {
namespace {

constexpr std::size_t kMaxLinkBytes = 4096;
constexpr mode_t kPermissionBits = 0777;
// A staged file, not in the tree yet: of no value to anybody after a kill.
constexpr std::string_view kStagedPrefix = "new-";
// May hold what was in the tree: never deleted, moved to the backup when found (tidy).
constexpr std::string_view kExchangedPrefix = "old-";

Error changed(std::string_view path) {
  return Error(Code::conflict, std::string(path) + " is no longer what it was when it was looked at")
      .with_hint("It was left alone. Run the command again.");
}

timespec to_timespec(std::int64_t ns) {
  timespec time{};
  time.tv_sec = ns / 1'000'000'000;
  time.tv_nsec = ns % 1'000'000'000;
  if (time.tv_nsec < 0) {
    time.tv_nsec += 1'000'000'000;
    --time.tv_sec;
  }
  return time;
}

Result<void> set_time(int parent, const std::string& name, std::int64_t mtime_ns) {
  const timespec times[2] = {{0, UTIME_OMIT}, to_timespec(mtime_ns)};
  if (::utimensat(parent, name.c_str(), times, AT_SYMLINK_NOFOLLOW) != 0) return system_error(errno, "set the time of", name);
  return {};
}

std::string path_of_fd(int fd) { return "/proc/self/fd/" + std::to_string(fd); }

// Runs a system call that needs to write to `folder`; if only the folder's own permissions are in the way, lifts them for that moment.
template <class Call>
int with_writable(int folder, Call call) {
  int result = call();
  if (result == 0 || errno != EACCES) return result;
  struct stat info {};
  if (::fstat(folder, &info) != 0 || (info.st_mode & S_IWUSR) != 0) {
    errno = EACCES;
    return result;
  }
  const std::string path = path_of_fd(folder);
  if (::chmod(path.c_str(), (info.st_mode & kPermissionBits) | S_IRWXU) != 0) {
    errno = EACCES;
    return result;
  }
  result = call();
  const int reason = errno;
  ::chmod(path.c_str(), info.st_mode & kPermissionBits);
  errno = reason;
  return result;
}

int rename_new(int from, const std::string& name, int to, const std::string& new_name) {
  const int result = ::renameat2(from, name.c_str(), to, new_name.c_str(), RENAME_NOREPLACE);
  if (result == 0 || (errno != EINVAL && errno != ENOSYS)) return result;
  // A file system without NOREPLACE: a hard link never replaces either.
  if (::linkat(from, name.c_str(), to, new_name.c_str(), 0) != 0) return -1;
  ::unlinkat(from, name.c_str(), 0);
  return 0;
}

// A node in .mikura/tmp that disappears with the object unless it was placed.
class TemporaryNode {
 public:
  TemporaryNode(int folder, std::string name) : folder_(folder), name_(std::move(name)) {}
  TemporaryNode(const TemporaryNode&) = delete;
  TemporaryNode& operator=(const TemporaryNode&) = delete;
  ~TemporaryNode() {
    if (!name_.empty()) ::unlinkat(folder_, name_.c_str(), 0);
  }
  int folder() const { return folder_; }
  const std::string& name() const { return name_; }
  void rename_to(std::string name) { name_ = std::move(name); }
  void placed() { name_.clear(); }

 private:
  int folder_;
  std::string name_;
};

class PosixStagedFile final : public StagedFile {
 public:
  PosixStagedFile(int folder, std::string name, Fd fd) : node(folder, std::move(name)), fd_(std::move(fd)) {}

  Result<void> write(ByteSpan bytes) override { return write_fully(fd_.get(), bytes, "a temporary file in .mikura/tmp"); }

  Result<void> finish() override {
    fd_.reset();
    return {};
  }

  TemporaryNode node;

 private:
  Fd fd_;
};

class PosixFileReader final : public FileReader {
 public:
  PosixFileReader(Fd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Result<std::size_t> read(MutableByteSpan out) override {
    for (;;) {
      const ssize_t n = ::read(fd_.get(), out.data(), out.size());
      if (n >= 0) return static_cast<std::size_t>(n);
      if (errno != EINTR) return system_error(errno, "read", path_);
    }
  }

  Result<FileStamp> stamp() override {
    struct stat info {};
    if (::fstat(fd_.get(), &info) != 0) return system_error(errno, "inspect", path_);
    return stamp_of(info);
  }

 private:
  Fd fd_;
  std::string path_;
};

class PosixTree final : public WorkingTree {
 public:
  PosixTree(Fd root, Fd mikura, Fd temporaries, Clock& clock, Random& random)
      : root_(std::move(root)), mikura_(std::move(mikura)), temporaries_(std::move(temporaries)), clock_(clock), random_(random),
        backup_(mikura_.get(), clock) {}

  Result<ScannedTree> scan(const ScanRequest& request, std::stop_token stop) override {
    return scan_folder(root_.get(), request, clock_, std::move(stop));
  }

  Result<std::optional<NodeStatus>> inspect(std::string_view path) override {
    if (path.empty()) {
      struct stat info {};
      if (::fstat(root_.get(), &info) != 0) return system_error(errno, "inspect", "the workspace folder");
      return std::optional<NodeStatus>(NodeStatus{EntryKind::directory, stamp_of(info)});
    }
    auto place = place_of(root_.get(), path);
    if (place.failed_with(Code::not_found)) return std::optional<NodeStatus>();
    if (!place) return std::move(place).error();
    TRY_ASSIGN(const auto stamp, stamp_at(place->parent.get(), place->name));
    if (!stamp) return std::optional<NodeStatus>();
    NodeStatus status{EntryKind::file, *stamp};
    if (S_ISDIR(stamp->mode)) status.kind = EntryKind::directory;
    else if (S_ISLNK(stamp->mode)) status.kind = EntryKind::symlink;
    else if (!S_ISREG(stamp->mode)) return Error(Code::unsupported, std::string(path) + " is neither a file, a folder nor a symlink");
    return std::optional<NodeStatus>(status);
  }

  Result<std::unique_ptr<FileReader>> open_file(std::string_view path) override {
    TRY_ASSIGN(const Place place, place_of(root_.get(), path));
    // O_NONBLOCK: a FIFO put there meanwhile must not hang us.
    Fd fd(::openat(place.parent.get(), place.name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
    if (!fd) return system_error(errno == ELOOP ? ENOENT : errno, "open", path);
    struct stat info {};
    if (::fstat(fd.get(), &info) != 0) return system_error(errno, "inspect", path);
    if (!S_ISREG(info.st_mode)) return Error(Code::not_found, std::string(path) + " is not a file");
    return std::unique_ptr<FileReader>(std::make_unique<PosixFileReader>(std::move(fd), std::string(path)));
  }

  Result<std::unique_ptr<StagedFile>> stage_file() override {
    const std::string name = temporary_name();
    Fd fd(::openat(temporaries_.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!fd) return system_error(errno, "create a file in", ".mikura/tmp");
    return std::unique_ptr<StagedFile>(std::make_unique<PosixStagedFile>(temporaries_.get(), name, std::move(fd)));
  }

  Result<FileStamp> place_file(std::unique_ptr<StagedFile> staged, std::string_view path, const Expectation& expected,
                               const Metadata& metadata) override {
    auto* const file = dynamic_cast<PosixStagedFile*>(staged.get());
    CHECK(file != nullptr);
    if (::fchmodat(temporaries_.get(), file->node.name().c_str(), metadata.mode & kPermissionBits, 0) != 0) {
      return system_error(errno, "set the permissions of", path);
    }
    TRY(set_time(temporaries_.get(), file->node.name(), metadata.mtime_ns));
    return place_node(file->node, path, expected);
  }

  Result<FileStamp> place_symlink(std::string_view path, std::string_view target, const Expectation& expected,
                                  std::int64_t mtime_ns) override {
    const std::string name = temporary_name();
    if (::symlinkat(std::string(target).c_str(), temporaries_.get(), name.c_str()) != 0) {
      return system_error(errno, "create the symlink", path);
    }
    TemporaryNode node(temporaries_.get(), name);
    TRY(set_time(temporaries_.get(), name, mtime_ns));
    return place_node(node, path, expected);
  }

  Result<void> make_directory(std::string_view path, const Expectation& expected) override {
    if (expected.kind == Expectation::Kind::node) TRY(remove(path, expected));
    TRY_ASSIGN(const Place place, place_of(root_.get(), path));
    const int made = with_writable(place.parent.get(), [&] { return ::mkdirat(place.parent.get(), place.name.c_str(), 0777); });
    if (made != 0) {
      if (errno != EEXIST) return system_error(errno, "create the folder", path);
      TRY_ASSIGN(const auto there, stamp_at(place.parent.get(), place.name));
      if (!there || !S_ISDIR(there->mode)) return changed(path);
      if ((there->mode & S_IRWXU) == S_IRWXU) return {};
    }
    // Its final mode comes last (set_metadata); until then we must be able to work in it.
    const Fd folder(::openat(place.parent.get(), place.name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!folder) return changed(path);
    struct stat info {};
    if (::fstat(folder.get(), &info) != 0) return system_error(errno, "inspect", path);
    if (::chmod(path_of_fd(folder.get()).c_str(), (info.st_mode & kPermissionBits) | S_IRWXU) != 0) {
      return system_error(errno, "set the permissions of", path);
    }
    return {};
  }

  Result<void> remove(std::string_view path, const Expectation& expected) override {
    auto place = place_of(root_.get(), path);
    if (place.failed_with(Code::not_found)) return {};
    if (!place) return std::move(place).error();
    TRY_ASSIGN(const auto there, stamp_at(place->parent.get(), place->name));
    if (!there) return {};
    if (expected.kind == Expectation::Kind::directory) return remove_directory(*place, path);
    if (expected.kind != Expectation::Kind::node || *there != expected.stamp) return changed(path);
    return move_to_backup(*place, path, expected.stamp);
  }

  Result<FileStamp> set_metadata(std::string_view path, const Expectation& expected, const Metadata& metadata) override {
    if (path.empty()) {
      TRY(set_time(root_.get(), ".", metadata.mtime_ns));
      struct stat info {};
      if (::fstat(root_.get(), &info) != 0) return system_error(errno, "inspect", "the workspace folder");
      return stamp_of(info);
    }
    TRY_ASSIGN(const Place place, place_of(root_.get(), path));
    const Fd node(::openat(place.parent.get(), place.name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    struct stat info {};
    if (!node || ::fstat(node.get(), &info) != 0) return changed(path);
    const bool as_expected = expected.kind == Expectation::Kind::directory ? S_ISDIR(info.st_mode)
                                                                            : expected.kind == Expectation::Kind::node && stamp_of(info) == expected.stamp;
    if (!as_expected) return changed(path);
    if (S_ISLNK(info.st_mode)) {
      TRY(set_time(place.parent.get(), place.name, metadata.mtime_ns));
    } else {
      // Through the handle: whatever gets that name now is not touched.
      const std::string handle = path_of_fd(node.get());
      if (::chmod(handle.c_str(), metadata.mode & kPermissionBits) != 0) return system_error(errno, "set the permissions of", path);
      const timespec times[2] = {{0, UTIME_OMIT}, to_timespec(metadata.mtime_ns)};
      if (::utimensat(AT_FDCWD, handle.c_str(), times, 0) != 0) return system_error(errno, "set the time of", path);
    }
    if (::fstat(node.get(), &info) != 0) return system_error(errno, "inspect", path);
    return stamp_of(info);
  }

  Result<void> flush() override {
    if (::syncfs(root_.get()) != 0) return system_error(errno, "flush", "the workspace folder");
    return {};
  }

  Result<void> tidy(unsigned max_age_days, std::uint64_t max_total_bytes) override {
    std::error_code failure;
    std::vector<std::string> names;
    for (const auto& node : std::filesystem::directory_iterator(path_of_fd(temporaries_.get()), failure)) names.push_back(node.path().filename());
    for (const std::string& name : names) {
      if (name.starts_with(kExchangedPrefix)) {
        // A run was killed between replacing a file and putting the old one away.
        auto kept = backup_.keep(temporaries_.get(), name, "recovered/" + name);
        if (!kept) return std::move(kept).error();
        log_info("a file left by a killed run was put into " + backup_.folder());
      } else if (name.starts_with(kStagedPrefix)) {
        ::unlinkat(temporaries_.get(), name.c_str(), 0);
      }
    }
    return backup_.prune(max_age_days, max_total_bytes);
  }

  std::string backup_folder() const override { return backup_.folder(); }

 private:
  std::string temporary_name() { return std::string(kStagedPrefix) + to_hex(random_.make_id<PublishId>().bytes()); }

  Result<FileStamp> place_node(TemporaryNode& node, std::string_view path, const Expectation& expected) {
    TRY_ASSIGN(const Place place, place_of(root_.get(), path));
    TRY_ASSIGN(const auto there, stamp_at(place.parent.get(), place.name));
    switch (expected.kind) {
      case Expectation::Kind::absent:
        if (there) return changed(path);
        TRY(place_new(node, place, path));
        break;
      case Expectation::Kind::node:
        if (!there || *there != expected.stamp) return changed(path);
        TRY(exchange(node, place, path, expected.stamp));
        break;
      case Expectation::Kind::directory: return changed(path);
    }
    TRY_ASSIGN(const auto placed, stamp_at(place.parent.get(), place.name));
    if (!placed) return changed(path);
    return *placed;
  }

  Result<void> place_new(TemporaryNode& node, const Place& place, std::string_view path) {
    const int renamed = with_writable(place.parent.get(), [&] { return rename_new(node.folder(), node.name(), place.parent.get(), place.name); });
    if (renamed != 0) {
      if (errno == EEXIST) return changed(path);
      return system_error(errno, "create", path);
    }
    node.placed();
    return {};
  }

  // The new node and the old one change places in one step; then what came out is looked at.
  Result<void> exchange(TemporaryNode& node, const Place& place, std::string_view path, const FileStamp& expected) {
    const std::string holder = std::string(kExchangedPrefix) + node.name().substr(kStagedPrefix.size());
    if (::renameat(node.folder(), node.name().c_str(), node.folder(), holder.c_str()) != 0) return system_error(errno, "replace", path);
    node.rename_to(holder);
    const auto swap = [&] {
      return with_writable(place.parent.get(), [&] {
        return ::renameat2(node.folder(), holder.c_str(), place.parent.get(), place.name.c_str(), RENAME_EXCHANGE);
      });
    };
    if (swap() != 0) {
      if (errno == EINVAL || errno == ENOSYS) return replace_in_two_steps(node, place, path, expected);
      if (errno == ENOENT) return changed(path);
      return system_error(errno, "replace", path);
    }
    // From here on `holder` is the user's: it must not be unlinked.
    node.placed();
    TRY_ASSIGN(const auto out, stamp_at(temporaries_.get(), holder));
    if (out && is_same_node(*out, expected)) {
      auto kept = backup_.keep(temporaries_.get(), holder, path);
      if (!kept) return std::move(kept).error();
      return {};
    }
    if (swap() != 0) return system_error(errno, "put back", path);
    ::unlinkat(temporaries_.get(), holder.c_str(), 0);  // our own new content again
    return changed(path);
  }

  // For file systems that cannot exchange. Between the steps the path is absent, the old content in the backup.
  Result<void> replace_in_two_steps(TemporaryNode& node, const Place& place, std::string_view path, const FileStamp& expected) {
    TRY(move_to_backup(place, path, expected));
    return place_new(node, place, path);
  }

  Result<void> move_to_backup(const Place& place, std::string_view path, const FileStamp& expected) {
    std::optional<Backup::Kept> kept;
    std::optional<Error> failure;
    with_writable(place.parent.get(), [&] {
      auto result = backup_.keep(place.parent.get(), place.name, path);
      if (result) {
        kept = *std::move(result);
        return 0;
      }
      errno = result.failed_with(Code::denied) ? EACCES : EIO;
      failure = std::move(result).error();
      return -1;
    });
    if (!kept) {
      if (failure->code() == Code::not_found) return {};  // gone meanwhile
      return *std::move(failure);
    }
    TRY_ASSIGN(const auto arrived, stamp_at(kept->folder.get(), kept->name));
    if (arrived && is_same_node(*arrived, expected)) return {};
    // Somebody changed it in the last moment: back to where it was, unless something new is there already.
    if (rename_new(kept->folder.get(), kept->name, place.parent.get(), place.name) != 0) {
      log_info(std::string(path) + " changed while it was put into the backup; it is kept there");
    }
    return changed(path);
  }

  Result<void> remove_directory(const Place& place, std::string_view path) {
    const int removed = with_writable(place.parent.get(), [&] { return ::unlinkat(place.parent.get(), place.name.c_str(), AT_REMOVEDIR); });
    if (removed == 0 || errno == ENOENT) return {};
    if (errno == ENOTEMPTY || errno == EEXIST) return Error(Code::refused, "the folder " + std::string(path) + " is not empty");
    if (errno == ENOTDIR) return changed(path);
    return system_error(errno, "remove the folder", path);
  }

  Fd root_;
  Fd mikura_;
  Fd temporaries_;
  Clock& clock_;
  Random& random_;
  Backup backup_;
};

}  // namespace

Result<std::unique_ptr<WorkingTree>> open_posix_tree(const std::string& root, Clock& clock, Random& random) {
  constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
  Fd root_fd(::open(root.c_str(), kFlags));
  if (!root_fd) return system_error(errno, "open the folder", root);
  Fd mikura(::openat(root_fd.get(), ".mikura", kFlags | O_NOFOLLOW));
  if (!mikura) return system_error(errno, "open the folder", root + "/.mikura");
  Fd temporaries(::openat(mikura.get(), "tmp", kFlags | O_NOFOLLOW));
  if (!temporaries) return system_error(errno, "open the folder", root + "/.mikura/tmp");
  return std::unique_ptr<WorkingTree>(
      std::make_unique<PosixTree>(std::move(root_fd), std::move(mikura), std::move(temporaries), clock, random));
}

}  // namespace mikura

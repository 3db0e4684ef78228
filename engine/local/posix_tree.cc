#include "local/posix_tree.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/check.h"
#include "format/path.h"
#include "local/backup.h"
#include "local/beneath.h"
#include "local/beside.h"
#include "local/placer.h"
#include "local/posix_tree_options.h"
#include "local/scanner.h"
#include "local/staging.h"
#include "local/stamp.h"
#include "local/workspace_folder.h"
#include "local/writable.h"

namespace mikura {
namespace {

constexpr std::string_view kRootName = "the workspace folder";
constexpr std::string_view kNotePrefix = "beside-";

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

  Result<std::size_t> read_at(std::uint64_t offset, MutableByteSpan out) override {
    for (;;) {
      const ssize_t n = ::pread(fd_.get(), out.data(), out.size(), static_cast<off_t>(offset));
      if (n >= 0) return static_cast<std::size_t>(n);
      if (errno != EINTR) return system_error(errno, "read", path_);
    }
  }

  Result<FileStamp> stamp() override {
    FileStamp stamp;
    if (const int error = read_stamp(fd_.get(), stamp); error != 0)
      return system_error(error, "inspect", path_);
    return stamp;
  }

 private:
  Fd fd_;
  std::string path_;
};

struct Folders {
  Fd root, staging, backup;
};

class PosixTree final : public WorkingTree {
 public:
  PosixTree(Folders folders, Clock& clock, Random& random, PosixTreeOptions options)
      : root_(std::move(folders.root)),
        walk_(options.walk),
        area_(std::make_shared<StagingArea>(std::move(folders.staging), random)),
        backup_(std::move(folders.backup), clock, options.walk),
        renamer_(std::move(options.rename)),
        beside_(area_, backup_, renamer_, options.walk),
        placer_(backup_, beside_, renamer_, writable_, std::move(options.foreign_folder)) {}

  Result<ScannedTree> scan(const ScanRequest& request, std::stop_token stop) override {
    return scan_folder({root_.get(), walk_}, request, std::move(stop));
  }

  Result<std::optional<NodeStatus>> inspect(std::string_view path) override {
    FileStamp stamp;
    int error = 0;
    if (path.empty()) {
      error = read_stamp(root_.get(), stamp);
    } else {
      auto place = find(path);
      if (!place) return std::move(place).error();
      if (!*place) return std::optional<NodeStatus>();
      error = read_stamp((*place)->parent.get(), (*place)->name.c_str(), stamp);
    }
    if (error == ENOENT) return std::optional<NodeStatus>();
    if (error != 0) return system_error(error, "inspect", path.empty() ? kRootName : path);
    const auto kind = kind_of(stamp);
    if (!kind)
      return Error(Code::unsupported,
                   std::string(path) + " is neither a file, a folder nor a symbolic link");
    return std::optional<NodeStatus>(NodeStatus{*kind, stamp});
  }

  Result<std::unique_ptr<FileReader>> open_file(std::string_view path) override {
    TRY_ASSIGN(const Place place, locate(root_.get(), path, walk_));
    // Looked at first, because opening a device or a FIFO can have effects; and again after,
    // because it may have been swapped in.
    FileStamp stamp;
    int error = read_stamp(place.parent.get(), place.name.c_str(), stamp);
    if (error != 0) return system_error(error, "open", path);
    const auto not_a_file = [&] {
      return Error(Code::not_found, std::string(path) + " is not a file");
    };
    if (!S_ISREG(stamp.mode)) return not_a_file();
    Fd fd(::openat(place.parent.get(), place.name.c_str(),
                   O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!fd && errno == ELOOP) return not_a_file();
    if (!fd) return system_error(errno, "open", path);
    error = read_stamp(fd.get(), stamp);
    if (error != 0) return system_error(error, "inspect", path);
    if (!S_ISREG(stamp.mode)) return not_a_file();
    return std::unique_ptr<FileReader>(
        std::make_unique<PosixFileReader>(std::move(fd), std::string(path)));
  }

  Result<std::unique_ptr<StagedFile>> stage_file() override {
    TRY_ASSIGN(auto staged, PosixStagedFile::create(area_));
    return std::unique_ptr<StagedFile>(std::move(staged));
  }

  Result<FileStamp> place_file(std::unique_ptr<StagedFile> staged, std::string_view path,
                               const Expectation& expected, const Metadata& metadata) override {
    auto* const file = dynamic_cast<PosixStagedFile*>(staged.get());
    CHECK(file != nullptr && file->is_finished());
    TRY_ASSIGN(const Place place, locate_for_change(path));
    const NameAt& at = file->node().at();
    // Before it is in the tree: nobody ever sees it there with another mode or time.
    if (::fchmodat(at.folder, at.name.c_str(), metadata.mode & kPermissionBits, 0) != 0) {
      return system_error(errno, "set the permissions of", path);
    }
    if (const int error = set_mtime(at.folder, at.name.c_str(), metadata.mtime_ns); error != 0)
      return system_error(error, "set the time of", path);
    return placer_.put(std::move(file->node()), place, expected);
  }

  Result<FileStamp> place_symlink(std::string_view path, std::string_view target,
                                  const Expectation& expected, std::int64_t mtime_ns) override {
    TRY_ASSIGN(const Place place, locate_for_change(path));
    Temporary node(area_, "link-" + area_->random_name());
    if (target.find('\0') != std::string_view::npos)
      return Error(Code::invalid,
                   "the target of the symbolic link " + std::string(path) + " holds a zero byte");
    if (::symlinkat(std::string(target).c_str(), node.at().folder, node.at().name.c_str()) != 0) {
      return system_error(errno, "create the symbolic link", path);
    }
    if (const int error = set_mtime(node.at().folder, node.at().name.c_str(), mtime_ns); error != 0)
      return system_error(error, "set the time of", path);
    return placer_.put(std::move(node), place, expected);
  }

  Result<void> make_directory(std::string_view path, const Expectation& expected) override {
    TRY_ASSIGN(const Place place, locate_for_change(path));
    if (expected.kind == Expectation::Kind::node) return swap_in_directory(place, expected);
    const int parent = place.parent.get();
    const int error = writable_.run(
        parent, [&] { return ::mkdirat(parent, place.name.c_str(), 0777) == 0 ? 0 : errno; });
    if (error == 0) return {};
    if (error == ENOENT) return changed_meanwhile(path);
    if (error != EEXIST) return system_error(error, "create the folder", path);
    FileStamp there;
    if (read_stamp(parent, place.name.c_str(), there) != 0 || !is_directory(there))
      return changed_meanwhile(path);
    return {};
  }

  Result<void> remove(std::string_view path, const Expectation& expected) override {
    TRY_ASSIGN(const std::optional<Place> place, find(path));
    if (!place) return {};
    FileStamp there;
    const int error = read_stamp(place->parent.get(), place->name.c_str(), there);
    if (error == ENOENT) return {};
    if (error != 0) return system_error(error, "inspect", path);
    switch (expected.kind) {
      case Expectation::Kind::absent:
        return changed_meanwhile(path);
      case Expectation::Kind::node:
        return placer_.take_away(*place, expected.stamp);
      case Expectation::Kind::directory:
        break;
    }
    return remove_directory(*place);
  }

  Result<void> rename(std::string_view path, std::string_view new_name,
                      const Expectation& expected) override {
    const std::string parent(parent_path(path));
    const std::string to = (parent.empty() ? "" : parent + "/") + std::string(new_name);
    TRY(check_tree_path(to));
    if (parent_path(to) != parent)
      return Error(Code::invalid, std::string(new_name) + " is not a name");
    TRY_ASSIGN(const Place place, locate_for_change(path));
    FileStamp there;
    if (read_stamp(place.parent.get(), place.name.c_str(), there) != 0 ||
        !is_as_expected(there, expected))
      return changed_meanwhile(path);
    return placer_.rename(place, std::string(new_name), there);
  }

  Result<FileStamp> set_metadata(std::string_view path, const Expectation& expected,
                                 const Metadata& metadata) override {
    FileStamp stamp;
    if (path.empty()) {
      if (const int error = set_mtime(root_.get(), metadata.mtime_ns); error != 0)
        return system_error(error, "set the time of", kRootName);
      if (const int error = read_stamp(root_.get(), stamp); error != 0)
        return system_error(error, "inspect", kRootName);
      return stamp;
    }
    TRY_ASSIGN(const Place place, locate_for_change(path));
    // Everything through this handle: whatever gets the name meanwhile is not touched.
    const Fd node(
        ::openat(place.parent.get(), place.name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    if (!node && errno == ENOENT) return changed_meanwhile(path);
    if (!node) return system_error(errno, "open", path);
    int error = read_stamp(node.get(), stamp);
    if (error != 0) return system_error(error, "inspect", path);
    if (!is_as_expected(stamp, expected)) return changed_meanwhile(path);
    if (!S_ISLNK(stamp.mode)) {
      const std::uint32_t kept_bits = is_directory(stamp) ? stamp.mode & kSpecialBits : 0;
      error = set_permissions(node.get(), (metadata.mode & kPermissionBits) | kept_bits);
      if (error != 0) return system_error(error, "set the permissions of", path);
    }
    error = set_mtime(node.get(), metadata.mtime_ns);
    if (error != 0) return system_error(error, "set the time of", path);
    error = read_stamp(node.get(), stamp);
    if (error != 0) return system_error(error, "inspect", path);
    return stamp;
  }

  Result<void> flush() override {
    TRY(beside_.flush());
    if (::syncfs(root_.get()) != 0) return system_error(errno, "flush", kRootName);
    return {};
  }

  Result<void> tidy(unsigned max_age_days, std::uint64_t max_total_bytes) override {
    TRY(beside_.rescue(root_.get()));
    TRY(area_->sweep(kNotePrefix));
    return backup_.prune(max_age_days, max_total_bytes);
  }

  std::string backup_folder() const override { return backup_.path(); }

 private:
  static bool is_as_expected(const FileStamp& stamp, const Expectation& expected) {
    switch (expected.kind) {
      case Expectation::Kind::absent:
        return false;
      case Expectation::Kind::node:
        return stamp == expected.stamp;
      case Expectation::Kind::directory:
        return is_directory(stamp);
    }
    return false;
  }

  // nullopt if the folder of `path` is not there: then nothing is at `path`.
  Result<std::optional<Place>> find(std::string_view path) const {
    auto place = locate(root_.get(), path, walk_);
    if (place) return std::optional<Place>(*std::move(place));
    if (place.failed_with(Code::not_found)) return std::optional<Place>();
    return std::move(place).error();
  }

  // The plan saw the folder of `path`, or made it: if it is not there now, somebody changed it.
  Result<Place> locate_for_change(std::string_view path) const {
    TRY_ASSIGN(auto place, find(path));
    if (!place) return changed_meanwhile(path);
    return *std::move(place);
  }

  // The file goes to the backup and the folder takes its place in one step.
  Result<void> swap_in_directory(const Place& place, const Expectation& expected) {
    Temporary node(area_, "folder-" + area_->random_name());
    if (::mkdirat(node.at().folder, node.at().name.c_str(), 0777) != 0)
      return system_error(errno, "create the folder", place.path);
    auto placed = placer_.put(std::move(node), place, expected);
    if (!placed) return std::move(placed).error();
    return {};
  }

  Result<void> remove_directory(const Place& place) {
    const int parent = place.parent.get();
    const int error = writable_.run(parent, [&] {
      return ::unlinkat(parent, place.name.c_str(), AT_REMOVEDIR) == 0 ? 0 : errno;
    });
    switch (error) {
      case 0:
      case ENOENT:
        return {};
      case ENOTDIR:
        return changed_meanwhile(place.path);
      case ENOTEMPTY:
      case EEXIST:
        return Error(Code::refused, "the folder " + place.path + " is not empty")
            .with_hint("What is in it is not synced. Move or delete it, or leave the folder.");
      case EBUSY:
        return Error(Code::refused,
                     "the folder " + place.path + " is in use: something is mounted there");
      default:
        return system_error(error, "remove the folder", place.path);
    }
  }

  const Fd root_;
  const WalkMethod walk_;
  const std::shared_ptr<StagingArea> area_;
  BackupFolder backup_;
  const Renamer renamer_;
  Beside beside_;
  WritableFolders writable_;
  Placer placer_;
};

Result<Fd> open_own_folder(int parent, const std::string& name, const std::string& shown) {
  Fd fd(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return system_error(errno, "open the folder", shown + "/" + name);
  return fd;
}

}  // namespace

Result<std::unique_ptr<WorkingTree>> open_posix_tree(const std::string& root, Clock& clock,
                                                     Random& random, PosixTreeOptions options) {
  Fd root_fd(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root_fd) return system_error(errno, "open the folder", root);
  const std::string own(kMikuraFolder);
  TRY_ASSIGN(const Fd mikura, open_own_folder(root_fd.get(), own, root));
  TRY_ASSIGN(Fd staging, open_own_folder(mikura.get(), "tmp", root + "/" + own));
  TRY_ASSIGN(Fd backup, open_own_folder(mikura.get(), "backup", root + "/" + own));
  Folders folders{std::move(root_fd), std::move(staging), std::move(backup)};
  return std::unique_ptr<WorkingTree>(
      std::make_unique<PosixTree>(std::move(folders), clock, random, std::move(options)));
}

Result<std::unique_ptr<WorkingTree>> open_posix_tree(const std::string& root, Clock& clock,
                                                     Random& random) {
  return open_posix_tree(root, clock, random, PosixTreeOptions{});
}

}  // namespace mikura

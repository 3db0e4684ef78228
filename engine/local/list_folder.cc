#include "local/list_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/file.h"
#include "base/utf8.h"
#include "format/path.h"
#include "local/beside.h"
#include "local/case_collisions.h"
#include "local/stamp.h"
#include "local/workspace_folder.h"

namespace mikura {
namespace {

constexpr std::size_t kBufferBytes = 64 * 1024;
constexpr std::size_t kMaxIgnoreFileBytes = 1 << 20;
constexpr std::size_t kMaxTargetBytes = 4096;

constexpr std::string_view kGitignore = ".gitignore";
constexpr std::string_view kMikuraignore = ".mikuraignore";

// The layout of getdents64's records; the C library does not name it.
constexpr std::size_t kRecordSizeAt = 16;
constexpr std::size_t kTypeAt = 18;
constexpr std::size_t kNameAt = 19;

bool is_versioned(const std::vector<std::string_view>& versioned, std::string_view path) {
  return std::binary_search(versioned.begin(), versioned.end(), path);
}

bool has_versioned_beneath(const std::vector<std::string_view>& versioned, std::string_view path) {
  const std::string prefix = std::string(path) + "/";
  const auto at = std::lower_bound(versioned.begin(), versioned.end(), std::string_view(prefix));
  return at != versioned.end() && at->starts_with(prefix);
}

// Bytes that are no text, made visible.
std::string printable(std::string_view raw) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  while (!raw.empty()) {
    // The longest valid character at the front, if any.
    std::size_t size = std::min<std::size_t>(raw.size(), 4);
    while (size > 0 && !is_valid_utf8(raw.substr(0, size)))
      --size;
    if (size > 0) {
      out.append(raw.substr(0, size));
    } else {
      const unsigned byte = static_cast<unsigned char>(raw.front());
      out.append("\\x").push_back(kDigits[byte >> 4]);
      out.push_back(kDigits[byte & 15]);
      size = 1;
    }
    raw.remove_prefix(size);
  }
  return out;
}

struct SmallFile {
  std::string text;
  int error = 0;
};

// At most kMaxIgnoreFileBytes of a regular file; nothing of anything else, as in git.
SmallFile read_ignore_file(int folder, std::string_view name) {
  const Fd fd(::openat(folder, std::string(name).c_str(),
                       O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!fd) return {{}, errno == ELOOP || errno == ENOENT ? 0 : errno};
  FileStamp stamp;
  if (const int error = read_stamp(fd.get(), stamp); error != 0) return {{}, error};
  if (!S_ISREG(stamp.mode)) return {};
  SmallFile file;
  file.text.resize(std::min<std::uint64_t>(stamp.size_bytes, kMaxIgnoreFileBytes));
  const auto size = read_fully(fd.get(), std::as_writable_bytes(std::span(file.text)), name);
  if (!size) return {{}, EIO};
  file.text.resize(*size);
  // Half a rule could match something else than the whole one.
  if (stamp.size_bytes > file.text.size()) file.text.resize(file.text.rfind('\n') + 1);
  return file;
}

}  // namespace

FolderLister::FolderLister(const ScanRoot& root, const ScanRequest& request)
    : root_(root), request_(request), buffer_(kBufferBytes) {}

int FolderLister::list(ListedFolder& folder) {
  const OpenedFolder opened = open_beneath(root_.fd, folder.path, O_RDONLY, root_.walk);
  if (!opened.fd) return opened.error;
  const int error = read_names(opened.fd.get(), folder);
  folder.is_empty = listed_.empty();
  read_ignore_rules(opened.fd.get(), folder);
  folder.nodes.reserve(listed_.size());
  for (const Name& name : listed_)
    visit(opened.fd.get(), name, folder);
  std::sort(folder.nodes.begin(), folder.nodes.end(),
            [](const ListedNode& a, const ListedNode& b) { return a.name < b.name; });
  note_case_collisions(folder);
  return error;
}

int FolderLister::read_names(int fd, ListedFolder& folder) {
  found_.clear();
  listed_.clear();
  int error = 0;
  for (;;) {
    const long size = ::syscall(SYS_getdents64, fd, buffer_.data(), buffer_.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) error = errno;
    if (size <= 0) break;
    for (std::size_t at = 0; at < static_cast<std::size_t>(size);) {
      const char* const record = reinterpret_cast<const char*>(buffer_.data()) + at;
      std::uint16_t record_size = 0;
      std::memcpy(&record_size, record + kRecordSizeAt, sizeof record_size);
      const std::string_view name(record + kNameAt);
      if (name != "." && name != "..") {
        const auto type = static_cast<unsigned char>(record[kTypeAt]);
        found_.push_back({folder.names.size(), name.size(), type});
        folder.names.insert(folder.names.end(), name.data(), name.data() + name.size() + 1);
      }
      at += record_size;
    }
  }
  // Gone while it was listed (removed while open): nothing is in it.
  if (error == ENOENT) folder.is_gone = true;
  // Only now: the names do not move any more.
  for (const Found& found : found_) {
    listed_.push_back({std::string_view(folder.names.data() + found.at, found.size), found.type});
  }
  return error;
}

void FolderLister::read_ignore_rules(int fd, ListedFolder& folder) {
  bool has_gitignore = false;
  bool has_mikuraignore = false;
  for (const Name& name : listed_) {
    has_gitignore = has_gitignore || (request_.use_gitignore && name.text == kGitignore);
    has_mikuraignore = has_mikuraignore || name.text == kMikuraignore;
  }
  std::vector<IgnoreRules> rules;
  for (const auto& [wanted, name] :
       {std::pair(has_gitignore, kGitignore), std::pair(has_mikuraignore, kMikuraignore)}) {
    if (!wanted) continue;
    const SmallFile file = read_ignore_file(fd, name);
    if (file.error != 0) {
      path_.assign(folder.path).append(folder.path.empty() ? "" : "/").append(name);
      note(folder, ScanProblem::Kind::unreadable,
           system_error(file.error, "read the ignore rules in", path_).message());
    }
    IgnoreRules parsed = IgnoreRules::parse(file.text);
    if (!parsed.empty()) rules.push_back(std::move(parsed));
  }
  if (!rules.empty()) folder.scope = folder.scope.enter(folder.path, std::move(rules));
}

void FolderLister::visit(int fd, const Name& name, ListedFolder& folder) {
  if (is_never_synced(name.text, folder)) return;
  path_.assign(folder.path);
  if (!path_.empty()) path_.push_back('/');
  path_.append(name.text);

  ListedNode node;
  int error = 0;
  if (name.type == DT_UNKNOWN) error = read_stamp(fd, name.text.data(), node.stamp);
  bool is_folder = name.type == DT_DIR || (name.type == DT_UNKNOWN && is_directory(node.stamp));
  bool ignored_by_rule = false;
  if (is_ignored(name.text, is_folder, folder, ignored_by_rule)) {
    ++folder.ignored;
    return;
  }
  if (!check_name(name.text, folder)) return;
  if (name.type != DT_UNKNOWN) error = read_stamp(fd, name.text.data(), node.stamp);
  if (error == ENOENT) return;  // gone since it was listed: absent
  if (error != 0)
    return note(folder, ScanProblem::Kind::unreadable,
                system_error(error, "inspect", path_).message());
  is_folder = is_directory(node.stamp);
  if (!kind_of(node.stamp)) {
    return note(folder, ScanProblem::Kind::unsupported_kind,
                path_ + " is a socket, device or FIFO; it is not synced");
  }
  node.name = name.text;
  if (S_ISLNK(node.stamp.mode) && !read_target(fd, node, folder)) return;
  if (auto problem = portability_problem(name.text))
    note(folder, ScanProblem::Kind::not_portable, "the name " + *std::move(problem));
  if (is_folder) {
    node.folder = std::make_unique<ListedFolder>();
    node.folder->path = path_;
    node.folder->scope = folder.scope;
    node.folder->is_ignored = ignored_by_rule;
  }
  folder.nodes.push_back(std::move(node));
}

// What no rule and no version can bring in: an index cannot hold it.
bool FolderLister::is_never_synced(std::string_view name, const ListedFolder& folder) const {
  if (!name.starts_with('.') && !name.starts_with("conflict-")) return false;
  if (name == ".git" || is_conflict_copy_name(name)) return true;
  return name == kMikuraFolder && folder.path.empty();
}

// Ignored, by a rule or by nature, and not versioned, nor a folder with something versioned in it.
bool FolderLister::is_ignored(std::string_view name, bool is_folder, const ListedFolder& folder,
                              bool& ignored_by_rule) const {
  // By nature: the state of a workspace within this one; our own temporaries.
  const bool is_own =
      name.starts_with(kMikuraFolder) && (name == kMikuraFolder || is_beside_name(name));
  ignored_by_rule = folder.is_ignored || is_own || folder.scope.is_ignored(path_, is_folder);
  if (!ignored_by_rule) return false;
  if (is_versioned(request_.versioned, path_)) return false;
  return !(is_folder && has_versioned_beneath(request_.versioned, path_));
}

// False, with a problem noted, if an index could not hold the name.
bool FolderLister::check_name(std::string_view name, ListedFolder& folder) {
  // The folder's path was checked when it was found, so the name alone will do; at length only
  // where it fails or the path is long.
  Result<void> valid = validate_path(path_.size() > kMaxPathBytes ? std::string_view(path_) : name);
  if (!valid && !folder.path.empty()) valid = validate_path(path_);
  if (valid) return true;
  std::string why = valid.error().message();
  if (const auto colon = why.find(": "); colon != std::string::npos) why.erase(0, colon + 2);
  folder.problems.push_back({ScanProblem::Kind::bad_name, printable(path_),
                             "its name is not one that can be synced: " + why});
  return false;
}

bool FolderLister::read_target(int fd, ListedNode& node, ListedFolder& folder) {
  node.target.resize(kMaxTargetBytes);
  const ssize_t size = ::readlinkat(fd, node.name.data(), node.target.data(), node.target.size());
  const int error = size < 0 ? errno : 0;
  if (error == ENOENT) return false;
  if (error == EINVAL) {
    note(folder, ScanProblem::Kind::unstable, path_ + " changed its kind while it was looked at");
    return false;
  }
  if (error != 0 || size == 0 || static_cast<std::size_t>(size) == kMaxTargetBytes) {
    note(
        folder, ScanProblem::Kind::unreadable,
        system_error(error != 0 ? error : ENAMETOOLONG, "read the symbolic link", path_).message());
    return false;
  }
  node.target.resize(static_cast<std::size_t>(size));
  node.target.shrink_to_fit();
  return true;
}

void FolderLister::note(ListedFolder& folder, ScanProblem::Kind kind, std::string reason) {
  folder.problems.push_back({kind, path_, std::move(reason)});
}

}  // namespace mikura

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_set>

#include "base/task_group.h"
#include "base/utf8.h"
#include "format/path.h"
#include "local/beneath.h"
#include "local/ignore.h"
#include "local/scanner.h"
#include "local/workspace_folder.h"

namespace mikura {
namespace {

constexpr std::size_t kMaxIgnoreFileBytes = 1 << 20;
constexpr std::size_t kMaxTargetBytes = 4095;
constexpr std::string_view kTemporaryPrefix = ".mikura-tmp-";

using Directory = std::unique_ptr<DIR, decltype([](DIR* directory) { ::closedir(directory); })>;

// A directory still to be listed.
struct Task {
  std::string path;
  IgnoreScope scope;
  bool only_versioned = false;  // ignored itself, but something versioned lies in it
};

bool is_versioned(const std::vector<std::string_view>& versioned, std::string_view path) {
  return std::binary_search(versioned.begin(), versioned.end(), path);
}

bool has_versioned_beneath(const std::vector<std::string_view>& versioned, const std::string& path) {
  const std::string prefix = path + "/";
  const auto at = std::lower_bound(versioned.begin(), versioned.end(), std::string_view(prefix));
  return at != versioned.end() && at->starts_with(prefix);
}

// Bytes that are no text, made visible: never sent raw to a terminal or a log.
std::string printable(std::string_view raw) {
  if (is_valid_utf8(raw)) return std::string(raw);
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const char c : raw) {
    const unsigned byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      out.push_back(c);
    } else {
      out.append("\\x").push_back(kDigits[byte >> 4]);
      out.push_back(kDigits[byte & 15]);
    }
  }
  return out;
}

std::string read_small(int folder, const char* name) {
  const Fd fd(::openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  struct stat info {};
  if (!fd || ::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) return {};
  std::string text(std::min<std::size_t>(static_cast<std::size_t>(info.st_size), kMaxIgnoreFileBytes), '\0');
  const auto n = read_fully(fd.get(), std::as_writable_bytes(std::span(text)), name);
  text.resize(n ? *n : 0);
  return text;
}

class Walker {
 public:
  Walker(int root, const ScanRequest& request, std::stop_token stop) : root_(root), request_(request), stop_(std::move(stop)) {}

  Result<Walk> run() {
    struct stat info {};
    if (::fstat(root_, &info) != 0) return system_error(errno, "inspect", "the workspace folder");
    root_device_ = info.st_dev;
    queue_.push_back({"", IgnoreScope(), false});
    const unsigned workers = request_.workers != 0 ? request_.workers : std::max(1U, std::thread::hardware_concurrency());
    {
      const std::stop_callback wake(stop_, [this] { changed_.notify_all(); });
      std::vector<std::jthread> threads;
      for (unsigned i = 1; i < workers; ++i) threads.emplace_back([this] { work(); });
      work();
    }
    TRY(check_stop(stop_));
    if (root_failure_) return *std::move(root_failure_);
    std::sort(result_.nodes.begin(), result_.nodes.end(), [](const WalkedNode& a, const WalkedNode& b) { return a.path < b.path; });
    std::sort(result_.problems.begin(), result_.problems.end(), [](const ScanProblem& a, const ScanProblem& b) { return a.path < b.path; });
    drop_folders_of_ignored_things();
    return std::move(result_);
  }

 private:
  // What one worker found in one directory, handed over at once.
  struct Found {
    std::vector<WalkedNode> nodes;
    std::vector<ScanProblem> problems;
    std::vector<Task> tasks;
    std::uint64_t ignored = 0;
  };

  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [&] { return !queue_.empty() || busy_ == 0 || stop_.stop_requested(); });
      if (stop_.stop_requested() || (queue_.empty() && busy_ == 0)) break;
      const Task task = std::move(queue_.back());
      queue_.pop_back();
      ++busy_;
      lock.unlock();
      Found found;
      list(task, found);
      lock.lock();
      --busy_;
      merge(std::move(found));
      changed_.notify_all();
    }
    changed_.notify_all();
  }

  void merge(Found found) {
    std::move(found.nodes.begin(), found.nodes.end(), std::back_inserter(result_.nodes));
    std::move(found.problems.begin(), found.problems.end(), std::back_inserter(result_.problems));
    std::move(found.tasks.begin(), found.tasks.end(), std::back_inserter(queue_));
    result_.ignored += found.ignored;
    if (request_.progress && result_.nodes.size() - reported_ >= 4096) {
      reported_ = result_.nodes.size();
      request_.progress(reported_, 0);
    }
  }

  void unreadable(const std::string& path, int reason, Found& found) {
    found.problems.push_back({ScanProblem::Kind::unreadable, path, system_error(reason, "read", path).message()});
  }

  void fail(const Task& task, int reason, Found& found) {
    if (!task.path.empty()) {
      // Gone between listing and opening: absent, like any deleted folder.
      if (reason != ENOENT) unreadable(task.path, reason, found);
      return;
    }
    const std::lock_guard lock(mutex_);
    root_failure_ = system_error(reason, "read", "the workspace folder");
  }

  void list(const Task& task, Found& found) {
    auto handle = open_directory_beneath(root_, task.path);
    if (!handle) return fail(task, handle.failed_with(Code::not_found) ? ENOENT : EACCES, found);
    const int readable = ::openat(handle->get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (readable < 0) return fail(task, errno, found);
    const Directory directory(::fdopendir(readable));
    if (directory == nullptr) {
      const int reason = errno;
      ::close(readable);
      return fail(task, reason, found);
    }
    const IgnoreScope scope = scope_of(task, readable);
    bool has_content = false;
    for (;;) {
      errno = 0;
      const dirent* const entry = ::readdir(directory.get());
      if (entry == nullptr) break;
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      has_content = true;
      visit(task, scope, readable, name, found);
    }
    if (errno != 0) return fail(task, errno, found);
    if (!task.path.empty() && !has_content) {
      const std::lock_guard lock(mutex_);
      empty_folders_.insert(task.path);
    }
  }

  IgnoreScope scope_of(const Task& task, int folder) const {
    std::vector<IgnoreRules> rules;
    if (request_.use_gitignore) rules.push_back(IgnoreRules::parse(read_small(folder, ".gitignore")));
    rules.push_back(IgnoreRules::parse(read_small(folder, ".mikuraignore")));
    std::erase_if(rules, [](const IgnoreRules& r) { return r.empty(); });
    return rules.empty() ? task.scope : task.scope.enter(task.path, std::move(rules));
  }

  static bool is_never_synced(std::string_view name, bool at_root) {
    return name == ".git" || (at_root && name == kMikuraFolder) || name.starts_with(kTemporaryPrefix) || is_conflict_copy_name(name);
  }

  void visit(const Task& task, const IgnoreScope& scope, int folder, std::string_view name, Found& found) {
    if (is_never_synced(name, task.path.empty())) return;
    std::string path = task.path.empty() ? std::string(name) : task.path + "/" + std::string(name);
    if (const auto valid = validate_path(path); !valid) {
      found.problems.push_back({ScanProblem::Kind::bad_name, printable(path), valid.error().message()});
      return;
    }
    struct stat info {};
    if (::fstatat(folder, std::string(name).c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno != ENOENT) unreadable(path, errno, found);
      return;
    }
    const bool is_directory = S_ISDIR(info.st_mode);
    const bool versioned = is_versioned(request_.versioned, path);
    const bool ignored = task.only_versioned || scope.is_ignored(path, is_directory);
    if (ignored && !versioned && !(is_directory && has_versioned_beneath(request_.versioned, path))) {
      ++found.ignored;
      return;
    }
    take(task, scope, folder, name, std::move(path), info, ignored, found);
  }

  void take(const Task& task, const IgnoreScope& scope, int folder, std::string_view name, std::string path, const struct stat& info,
            bool ignored, Found& found) {
    if (const auto problem = portability_problem(name)) {
      found.problems.push_back({ScanProblem::Kind::not_portable, path, *problem});
    }
    WalkedNode node;
    node.stamp = stamp_of(info);
    if (S_ISLNK(info.st_mode)) {
      node.target = read_target(folder, name);
      if (node.target.empty()) return unreadable(path, errno != 0 ? errno : EIO, found);
    } else if (S_ISDIR(info.st_mode)) {
      if (info.st_dev != root_device_) {
        found.problems.push_back({ScanProblem::Kind::unsupported_kind, path, "another file system is mounted there; it is not synced"});
        return;
      }
      found.tasks.push_back({path, scope, ignored || task.only_versioned});
    } else if (!S_ISREG(info.st_mode)) {
      found.problems.push_back({ScanProblem::Kind::unsupported_kind, path, "neither a file, a folder nor a symlink; it is not synced"});
      return;
    }
    node.path = std::move(path);
    found.nodes.push_back(std::move(node));
  }

  static std::string read_target(int folder, std::string_view name) {
    std::string target(kMaxTargetBytes + 1, '\0');
    errno = 0;
    const ssize_t n = ::readlinkat(folder, std::string(name).c_str(), target.data(), target.size());
    target.resize(n > 0 && static_cast<std::size_t>(n) <= kMaxTargetBytes ? static_cast<std::size_t>(n) : 0);
    return target;
  }

  // A folder is reported if it is versioned, really empty, or holds something reported.
  void drop_folders_of_ignored_things() {
    std::unordered_set<std::string_view> needed;
    std::vector<bool> keep(result_.nodes.size(), true);
    for (std::size_t i = result_.nodes.size(); i-- > 0;) {
      const WalkedNode& node = result_.nodes[i];
      if (S_ISDIR(node.stamp.mode)) {
        keep[i] = needed.contains(node.path) || empty_folders_.contains(node.path) || is_versioned(request_.versioned, node.path) ||
                  is_problem(node.path);
      }
      if (keep[i]) needed.insert(parent_path(node.path));
    }
    // `needed` borrows from the nodes, so they move only now.
    std::vector<WalkedNode> kept;
    kept.reserve(result_.nodes.size());
    for (std::size_t i = 0; i < keep.size(); ++i) {
      if (keep[i]) kept.push_back(std::move(result_.nodes[i]));
    }
    result_.nodes = std::move(kept);
  }

  // An unreadable folder is there, whatever is in it.
  bool is_problem(const std::string& path) const {
    return std::any_of(result_.problems.begin(), result_.problems.end(),
                       [&](const ScanProblem& problem) { return problem.kind == ScanProblem::Kind::unreadable && problem.path == path; });
  }

  const int root_;
  const ScanRequest& request_;
  const std::stop_token stop_;
  dev_t root_device_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Task> queue_;
  unsigned busy_ = 0;
  Walk result_;
  std::size_t reported_ = 0;
  std::unordered_set<std::string> empty_folders_;
  std::optional<Error> root_failure_;
};

}  // namespace

Result<Walk> walk_tree(int root, const ScanRequest& request, std::stop_token stop) { return Walker(root, request, std::move(stop)).run(); }

}  // namespace mikura

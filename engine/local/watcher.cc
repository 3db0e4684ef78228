#include "local/watcher.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <map>
#include <mutex>
#include <set>

#include "base/file.h"
#include "format/path.h"
#include "local/beneath.h"
#include "local/workspace_folder.h"

namespace mikura {
namespace {

constexpr std::uint32_t kEvents = IN_MODIFY | IN_ATTRIB | IN_CLOSE_WRITE | IN_CREATE | IN_DELETE |
                                  IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF;

class InotifyWatcher final : public FolderWatcher {
 public:
  InotifyWatcher(Fd root, Fd events, Fd wake)
      : root_(std::move(root)), events_(std::move(events)), wake_(std::move(wake)) {}

  Seen wait(std::chrono::milliseconds at_most, std::stop_token stop) override {
    const std::stop_callback wake_up(stop, [this] { signal(); });
    std::array<pollfd, 2> waiting = {pollfd{events_.get(), POLLIN, 0},
                                     pollfd{wake_.get(), POLLIN, 0}};
    const auto deadline = std::chrono::steady_clock::now() + at_most;
    while (!stop.stop_requested()) {
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
      const int ready = ::poll(waiting.data(), waiting.size(),
                               static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
      if (ready < 0 && errno != EINTR) return Seen::nothing;
      if (ready == 0) return Seen::nothing;
      if (waiting[1].revents != 0) drain_wake();
      if (waiting[0].revents == 0) continue;
      const Seen seen = read_events();
      if (seen != Seen::nothing) return seen;
    }
    return Seen::nothing;
  }

  bool watch(const std::vector<std::string>& folders) override {
    const std::lock_guard lock(mutex_);
    degraded_.clear();
    const std::set<std::string> wanted(folders.begin(), folders.end());
    std::erase_if(by_path_, [&](const auto& watched) {
      if (wanted.contains(watched.first)) return false;
      ::inotify_rm_watch(events_.get(), watched.second);
      is_root_.erase(watched.second);
      return true;
    });
    bool any_new = false;
    for (const std::string& folder : wanted) {
      const int before = by_path_.contains(folder) ? by_path_[folder] : -1;
      const int descriptor = add(folder);
      if (descriptor < 0) break;
      if (descriptor == 0) continue;
      by_path_[folder] = descriptor;
      if (folder.empty()) is_root_.insert(descriptor);
      // Another one behind the same name: the folder was replaced.
      any_new |= descriptor != before;
    }
    return any_new;
  }

  std::string degraded() const override {
    const std::lock_guard lock(mutex_);
    return degraded_;
  }

 private:
  // 0 if the folder is gone; -1 if no more can be watched.
  int add(const std::string& folder) {
    // Through a handle that cannot leave the root.
    const OpenedFolder opened = open_beneath(root_.get(), folder, O_PATH, WalkMethod::automatic);
    if (!opened.fd) return 0;
    const std::string handle = fmt::format("/proc/self/fd/{}", opened.fd.get());
    const int descriptor =
        ::inotify_add_watch(events_.get(), handle.c_str(), kEvents | IN_ONLYDIR | IN_EXCL_UNLINK);
    if (descriptor >= 0) return descriptor;
    if (errno == ENOENT || errno == ENOTDIR || errno == EACCES) return 0;
    degraded_ = errno == ENOSPC
                    ? "the system's limit of watched folders is reached "
                      "(fs.inotify.max_user_watches)"
                    : fmt::format("the system cannot watch folders here: {}", std::strerror(errno));
    return -1;
  }

  Seen read_events() {
    alignas(inotify_event) std::array<char, 64 * 1024> buffer;
    Seen seen = Seen::nothing;
    for (;;) {
      const ssize_t size = ::read(events_.get(), buffer.data(), buffer.size());
      if (size <= 0) return seen;
      for (ssize_t at = 0; at < size;) {
        inotify_event event;
        std::memcpy(&event, buffer.data() + at, sizeof event);
        const char* const name = buffer.data() + at + sizeof event;
        at += static_cast<ssize_t>(sizeof event + event.len);
        seen = std::max(seen, judge(event, event.len > 0 ? name : ""));
      }
    }
  }

  Seen judge(const inotify_event& event, std::string_view name) {
    if ((event.mask & IN_Q_OVERFLOW) != 0) return Seen::folders;
    const std::lock_guard lock(mutex_);
    if ((event.mask & IN_IGNORED) != 0) {
      // The system stopped watching it, because it is gone; or we did.
      const std::size_t gone =
          std::erase_if(by_path_, [&](const auto& watched) { return watched.second == event.wd; });
      is_root_.erase(event.wd);
      return gone > 0 ? Seen::folders : Seen::nothing;
    }
    // What is never synced is no news.
    if (name == ".git" || (name == kMikuraFolder && is_root_.contains(event.wd)))
      return Seen::nothing;
    constexpr std::uint32_t kComesOrGoes =
        IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF;
    const bool is_folder = (event.mask & IN_ISDIR) != 0 || name.empty();
    return is_folder && (event.mask & kComesOrGoes) != 0 ? Seen::folders : Seen::change;
  }

  void signal() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof one);
  }
  void drain_wake() {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t got = ::read(wake_.get(), &count, sizeof count);
  }

  const Fd root_, events_, wake_;
  mutable std::mutex mutex_;
  std::map<std::string, int> by_path_;
  std::set<int> is_root_;
  std::string degraded_;
};

class BlindWatcher final : public FolderWatcher {
 public:
  explicit BlindWatcher(std::string why) : why_(std::move(why)) {}
  Seen wait(std::chrono::milliseconds at_most, std::stop_token stop) override {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, at_most, [] { return false; });
    return Seen::nothing;
  }
  bool watch(const std::vector<std::string>&) override { return false; }
  std::string degraded() const override { return why_; }

 private:
  const std::string why_;
};

}  // namespace

std::unique_ptr<FolderWatcher> open_folder_watcher(const std::string& root) {
  Fd folder(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  Fd events(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  const int error = events ? 0 : errno;
  Fd wake(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (folder && events && wake)
    return std::make_unique<InotifyWatcher>(std::move(folder), std::move(events), std::move(wake));
  return std::make_unique<BlindWatcher>(
      fmt::format("the system cannot watch folders: {}", std::strerror(error)));
}

}  // namespace mikura

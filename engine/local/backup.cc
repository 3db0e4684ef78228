#include "local/backup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "base/local_time.h"
#include "base/log.h"
#include "base/utf8.h"
#include "format/path.h"
#include "local/backup_sizes.h"
#include "local/folder_names.h"
#include "local/workspace_folder.h"

namespace mikura {
namespace {

constexpr int kFolderFlags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
constexpr std::int64_t kNsPerSecond = 1'000'000'000;
constexpr std::int64_t kSecondsPerDay = 86'400;
constexpr std::size_t kTimeNameSize = 15;  // YYYYMMDD.HHmmss

std::string shown_root() {
  return std::string(kMikuraFolder) + "/backup";
}

// The second a backup was begun; nullopt if the name is not one of ours.
std::optional<std::int64_t> time_of(std::string_view name) {
  if (name.size() > kTimeNameSize && name[kTimeNameSize] != '.') return std::nullopt;
  return seconds_of_local_time_text(name.substr(0, kTimeNameSize));
}

// `name` with a number that makes it another name, cut to what a file system holds.
std::string numbered(std::string_view name, unsigned number) {
  if (number == 0) return std::string(name);
  const std::string suffix = "." + std::to_string(number + 1);
  return std::string(utf8_prefix(name, kMaxComponentBytes - suffix.size())) + suffix;
}

}  // namespace

Result<int> BackupFolder::run_folder() {
  const std::lock_guard lock(mutex_);
  if (run_) return run_.get();
  const std::string base = local_time_text(clock_.unix_ns());
  for (unsigned number = 0; number < kMaxAttempts; ++number) {
    const std::string name = numbered(base, number);
    if (::mkdirat(all_.get(), name.c_str(), 0700) != 0) {
      if (errno == EEXIST) continue;
      return system_error(errno, "create the backup folder", shown_root() + "/" + name);
    }
    run_ = Fd(::openat(all_.get(), name.c_str(), kFolderFlags));
    if (!run_) return system_error(errno, "open the backup folder", shown_root() + "/" + name);
    run_name_ = name;
    return run_.get();
  }
  return Error(Code::io, "cannot find a free name for a backup folder in " + shown_root());
}

// Component by component: a file that was kept before may have the name of a folder that is needed
// now.
Result<Fd> BackupFolder::make_folder(int run, std::string_view path, std::string& shown) {
  Fd current(::openat(run, ".", kFolderFlags));
  if (!current) return system_error(errno, "open the backup folder", shown);
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view component = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    for (unsigned number = 0;; ++number) {
      const std::string name = numbered(component, number);
      if (::mkdirat(current.get(), name.c_str(), 0700) != 0 && errno != EEXIST) {
        return system_error(errno, "create a folder in the backup", shown + "/" + name);
      }
      Fd next(::openat(current.get(), name.c_str(), kFolderFlags));
      if (!next && (errno == ENOTDIR || errno == ELOOP) && number < kMaxAttempts) continue;
      if (!next) return system_error(errno, "open a folder in the backup", shown + "/" + name);
      current = std::move(next);
      shown += "/" + name;
      break;
    }
  }
  return current;
}

Result<BackupFolder::Slot> BackupFolder::slot(std::string_view path, unsigned attempt) {
  TRY_ASSIGN(const int run, run_folder());
  const std::string_view parent = parent_path(path);
  std::string shown = shown_root() + "/" + [&] {
    const std::lock_guard lock(mutex_);
    return run_name_;
  }();
  std::string name = numbered(file_name(path), attempt);
  OpenedFolder there = open_beneath(run, parent, O_PATH, method_);
  if (there.fd) {
    if (!parent.empty()) shown.append("/").append(parent);
  } else {
    TRY_ASSIGN(there.fd, make_folder(run, parent, shown));
  }
  shown += "/" + name;
  return Slot{std::move(there.fd), std::move(name), std::move(shown)};
}

void BackupFolder::note_kept() {
  const std::lock_guard lock(mutex_);
  kept_ = true;
}

std::string BackupFolder::path() const {
  const std::lock_guard lock(mutex_);
  return kept_ && run_ ? shown_root() + "/" + run_name_ : std::string();
}

Result<void> BackupFolder::prune(unsigned max_age_days, std::uint64_t max_total_bytes) {
  struct Backup {
    std::time_t time;
    std::string name;
  };
  TRY_ASSIGN(const std::vector<std::string> names, list_names(all_.get(), shown_root()));
  const std::string current = [&] {
    const std::lock_guard lock(mutex_);
    return run_name_;
  }();
  std::vector<Backup> backups;
  for (const std::string& name : names) {
    const auto time = time_of(name);
    // What a person put there is not ours to delete.
    if (time && name != current) backups.push_back({*time, name});
  }
  // The newest first: they are kept as long as they fit.
  std::sort(backups.begin(), backups.end(), [](const Backup& a, const Backup& b) {
    return std::pair(a.time, a.name) > std::pair(b.time, b.name);
  });
  const std::int64_t oldest =
      clock_.unix_ns() / kNsPerSecond - std::int64_t{max_age_days} * kSecondsPerDay;
  BackupSizes sizes = BackupSizes::load(all_.get());
  std::uint64_t total = 0;
  bool full = false;
  for (const Backup& backup : backups) {
    if (!full && backup.time >= oldest) {
      TRY_ASSIGN(const std::uint64_t size, sizes.size_of(backup.name));
      full = size > max_total_bytes - total;
      total += full ? 0 : size;
    }
    if (!full && backup.time >= oldest) continue;
    TRY(remove_tree(all_.get(), backup.name));
    log_debug("removed the old backup " + backup.name);
  }
  sizes.save();
  return {};
}

}  // namespace mikura

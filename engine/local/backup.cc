#include "local/backup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <vector>

#include "base/log.h"
#include "format/path.h"

namespace mikura {
namespace {

namespace fs = std::filesystem;

constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
constexpr unsigned kMaxTries = 1000;

std::string time_name(std::int64_t unix_ns) {
  const std::time_t seconds = static_cast<std::time_t>(unix_ns / 1'000'000'000);
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  char text[32] = {};
  std::strftime(text, sizeof text, "%Y%m%d.%H%M%S", &parts);
  return text;
}

Result<Fd> enter(int parent, const std::string& name) {
  if (::mkdirat(parent, name.c_str(), 0700) != 0 && errno != EEXIST) return system_error(errno, "create the backup folder", name);
  Fd fd(::openat(parent, name.c_str(), kFolderFlags));
  if (!fd) return system_error(errno, "open the backup folder", name);
  return fd;
}

std::uint64_t size_of(const fs::path& folder) {
  std::uint64_t total = 0;
  std::error_code ignored;
  for (auto node = fs::recursive_directory_iterator(folder, ignored); node != fs::recursive_directory_iterator(); node.increment(ignored)) {
    if (ignored) break;
    if (node->is_regular_file(ignored) && !node->is_symlink(ignored)) total += node->file_size(ignored);
  }
  return total;
}

}  // namespace

Result<Fd> Backup::run_folder() {
  const std::lock_guard lock(mutex_);
  TRY_ASSIGN(const Fd all, enter(mikura_, "backup"));
  if (name_.empty()) {
    const std::string base = time_name(clock_.unix_ns());
    for (unsigned n = 1;; ++n) {
      const std::string name = n == 1 ? base : base + "." + std::to_string(n);
      if (::mkdirat(all.get(), name.c_str(), 0700) == 0) {
        name_ = name;
        break;
      }
      if (errno != EEXIST || n == kMaxTries) return system_error(errno, "create the backup folder", name);
    }
  }
  return enter(all.get(), name_);
}

Result<Backup::Kept> Backup::keep_at(int run, int parent, const std::string& name, std::string_view path) {
  TRY_ASSIGN(Fd folder, enter(run, "."));
  for (std::string_view above = parent_path(path); !above.empty();) {
    const std::size_t slash = above.find('/');
    TRY_ASSIGN(folder, enter(folder.get(), std::string(above.substr(0, slash))));
    above = slash == std::string_view::npos ? std::string_view() : above.substr(slash + 1);
  }
  const std::string kept_name(file_name(path));
  if (::renameat2(parent, name.c_str(), folder.get(), kept_name.c_str(), RENAME_NOREPLACE) == 0) return Kept{std::move(folder), kept_name};
  if (errno == EINVAL || errno == ENOSYS) {
    // No NOREPLACE on this file system: the folder is ours alone and new in this run, so a look beforehand will do.
    struct stat info {};
    if (::fstatat(folder.get(), kept_name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0) return system_error(EEXIST, "back up", path);
    if (::renameat(parent, name.c_str(), folder.get(), kept_name.c_str()) == 0) return Kept{std::move(folder), kept_name};
  }
  return system_error(errno, "back up", path);
}

Result<Backup::Kept> Backup::keep(int parent, const std::string& name, std::string_view path) {
  TRY_ASSIGN(const Fd run, run_folder());
  auto kept = keep_at(run.get(), parent, name, path);
  // The same path again in one run, or a file where a folder is wanted: a place beside it.
  for (unsigned n = 2; n < kMaxTries && !kept; ++n) {
    struct stat info {};
    const bool is_there = ::fstatat(parent, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0;
    const Code code = kept.error().code();
    if (!is_there || (code != Code::already_exists && code != Code::not_found)) break;
    TRY_ASSIGN(const Fd again, enter(run.get(), "again." + std::to_string(n)));
    kept = keep_at(again.get(), parent, name, path);
  }
  return kept;
}

std::string Backup::folder() const {
  const std::lock_guard lock(mutex_);
  return name_.empty() ? std::string() : ".mikura/backup/" + name_;
}

Result<void> Backup::prune(unsigned max_age_days, std::uint64_t max_total_bytes) {
  const fs::path all = "/proc/self/fd/" + std::to_string(mikura_) + "/backup";
  std::error_code failure;
  std::vector<fs::path> runs;
  for (const auto& run : fs::directory_iterator(all, failure)) runs.push_back(run.path());
  if (failure) return {};
  std::sort(runs.begin(), runs.end());  // the oldest first
  std::vector<std::uint64_t> sizes;
  std::uint64_t total = 0;
  for (const fs::path& run : runs) total += sizes.emplace_back(size_of(run));
  const std::string keep = [&] {
    const std::lock_guard lock(mutex_);
    return name_;
  }();
  const std::string oldest = time_name(clock_.unix_ns() - std::int64_t{max_age_days} * 86'400 * 1'000'000'000);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const std::string name = runs[i].filename().string();
    if (name == keep || (name >= oldest && total <= max_total_bytes)) continue;
    log_info("removing the old backup " + name);
    fs::remove_all(runs[i], failure);
    total -= sizes[i];
  }
  return {};
}

}  // namespace mikura

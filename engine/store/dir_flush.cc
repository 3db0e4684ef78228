#include "store/dir_flush.h"

#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <iterator>
#include <set>
#include <utility>

#include "base/task_group.h"

namespace mikura {
namespace {

constexpr std::size_t kFew = 32;
constexpr std::size_t kMostNames = 1024;
constexpr unsigned kWorkers = 4;  // flushes that overlap share commits of the journal

// File systems whose syncfs is known to write all and to flush the disk. On others (FUSE, SMB) it
// may stop at the server.
constexpr std::array<std::uint32_t, 9> kGoodSyncfs = {
    0x0000EF53,  // ext2, ext3, ext4
    0x58465342,  // xfs
    0x9123683E,  // btrfs
    0xF2F52010,  // f2fs
    0x2FC12FC1,  // zfs
    0xCA451A4E,  // bcachefs
    0x3153464A,  // jfs
    0x794C7630,  // overlayfs: passes it on to the layer below
    0x01021994,  // tmpfs: nothing to do
};

bool has_good_syncfs(int fd) {
  struct statfs info{};
  if (::fstatfs(fd, &info) != 0) return false;
  const auto type = static_cast<std::uint32_t>(info.f_type);
  return std::find(kGoodSyncfs.begin(), kGoodSyncfs.end(), type) != kGoodSyncfs.end();
}

Result<void> sync_object(const DirRoot& root, std::string_view name) {
  auto file = open_object(root, name);
  if (file.failed_with(Code::not_found)) return {};  // removed since
  if (!file) return std::move(file).error();
  if (::fsync(file->fd.get()) != 0) return dir_error(errno, "flush", root.path_of(name));
  return {};
}

}  // namespace

DirFlush::DirFlush(const DirRoot& root, bool each_file)
    : root_(root), syncfs_works_(!each_file && has_good_syncfs(root.fd())) {}

Result<void> DirFlush::note(std::string_view name, const std::stop_token& stop) {
  const bool full = pending_.with([&](Pending& pending) {
    if (pending.too_many) return false;
    pending.names.emplace_back(name);
    if (syncfs_works_ && pending.names.size() > kFew) pending = {.names = {}, .too_many = true};
    return pending.names.size() >= kMostNames;
  });
  return full ? flush(stop) : Result<void>();
}

Result<void> DirFlush::flush(const std::stop_token& stop) {
  const std::lock_guard one_at_a_time(flushing_);
  TRY(check_stop(stop));
  Pending taken = pending_.with([](Pending& pending) { return std::exchange(pending, {}); });
  Result<void> flushed;
  if (!taken.too_many) {
    flushed = flush_each(taken.names, stop);
  } else if (::syncfs(root_.fd()) != 0) {
    flushed = dir_error(errno, "flush the file system of", root_.path());
  }
  if (!flushed) {
    pending_.with([&](Pending& pending) {
      pending.too_many = pending.too_many || taken.too_many;
      if (pending.too_many) {
        pending.names.clear();
      } else {
        std::move(taken.names.begin(), taken.names.end(), std::back_inserter(pending.names));
      }
    });
  }
  return flushed;
}

Result<void> DirFlush::flush_each(const std::vector<std::string>& names,
                                  const std::stop_token& stop) {
  TRY(for_each_bounded(names.size(), kWorkers, stop,
                       [&](std::size_t i, std::stop_token) -> Result<void> {
                         return sync_object(root_, names[i]);
                       }));
  std::set<std::string, std::less<>> folders;
  for (const std::string& name : names) {
    for (std::string_view folder = split_name(name).folder;; folder = split_name(folder).folder) {
      folders.emplace(folder);
      if (folder.empty()) break;
    }
  }
  for (const std::string& folder : folders) {
    auto synced = sync_folder(root_, folder);
    if (!synced && !synced.failed_with(Code::not_found)) return synced;
  }
  return {};
}

}  // namespace mikura

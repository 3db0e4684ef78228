#include "local/scanner.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <thread>

#include "base/guarded.h"
#include "base/task_group.h"
#include "format/content.h"
#include "format/index.h"
#include "format/path.h"
#include "local/beneath.h"

namespace mikura {
namespace {

constexpr std::size_t kReadBufferBytes = 256 * 1024;
constexpr unsigned kReadTries = 3;
constexpr mode_t kPermissionBits = 0777;

// How coarse the time stamps of a file system can be. Known local ones stamp with the kernel's tick (at most 10 ms); of others two seconds
// are assumed (FAT). After git's racy-git.
std::int64_t time_slack_ns(int root) {
  constexpr long kExt = 0xEF53;
  constexpr long kXfs = 0x58465342;
  constexpr long kBtrfs = 0x9123683E;
  constexpr long kTmpfs = 0x01021994;
  constexpr long kZfs = 0x2FC12FC1;
  constexpr long kF2fs = 0xF2F52010;
  struct statfs info {};
  if (::fstatfs(root, &info) != 0) return 2'000'000'000;
  const long type = static_cast<long>(info.f_type) & 0xffffffffL;
  const bool fine = type == kExt || type == kXfs || type == kBtrfs || type == kTmpfs || type == kZfs || type == kF2fs;
  return fine ? 20'000'000 : 2'000'000'000;
}

// A file whose content must be read, and what came of it.
struct HashJob {
  std::size_t node = 0;
  FileRecord record;
  enum class State { pending, done, gone, failed, unstable } state = State::pending;
  std::string reason;
};

class Hasher {
 public:
  Hasher(int root, Clock& clock, std::int64_t slack_ns, std::stop_token stop)
      : root_(root), clock_(clock), slack_ns_(slack_ns), stop_(std::move(stop)) {}

  Result<void> run(HashJob& job, const std::string& path, std::uint64_t& bytes) const {
    auto place = place_of(root_, path);
    if (!place) return settle(job, place.error());
    Fd fd(::openat(place->parent.get(), place->name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
    if (!fd) return settle(job, system_error(errno, "read", path));
    for (unsigned attempt = 0; attempt < kReadTries; ++attempt) {
      TRY(check_stop(stop_));
      TRY_ASSIGN(const bool stable, read_once(job, fd.get(), path, bytes));
      if (stable || job.state != HashJob::State::pending) return {};
    }
    job.state = HashJob::State::unstable;
    job.reason = "it kept changing while it was read";
    return {};
  }

 private:
  static Result<void> settle(HashJob& job, const Error& error) {
    job.state = error.code() == Code::not_found ? HashJob::State::gone : HashJob::State::failed;
    job.reason = error.message();
    return {};
  }

  // True if the file was the same before and after reading it.
  Result<bool> read_once(HashJob& job, int fd, const std::string& path, std::uint64_t& bytes) const {
    const std::int64_t started_ns = clock_.unix_ns();
    struct stat before {};
    struct stat after {};
    if (::fstat(fd, &before) != 0 || !S_ISREG(before.st_mode)) {
      job.state = HashJob::State::gone;
      return false;
    }
    ContentHasher hasher;
    if (::lseek(fd, 0, SEEK_SET) < 0) return false;
    thread_local Bytes buffer(kReadBufferBytes);
    for (;;) {
      TRY(check_stop(stop_));
      const ssize_t n = ::read(fd, buffer.data(), buffer.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) {
        TRY(settle(job, system_error(errno, "read", path)));
        return false;
      }
      if (n == 0) break;
      hasher.update(std::span(buffer).first(static_cast<std::size_t>(n)));
      bytes += static_cast<std::uint64_t>(n);
    }
    if (::fstat(fd, &after) != 0 || stamp_of(before) != stamp_of(after)) return false;
    const ContentHasher::Outcome outcome = hasher.finish();
    if (outcome.size_bytes != static_cast<std::uint64_t>(after.st_size)) return false;
    const FileStamp stamp = stamp_of(after);
    const std::int64_t newest = std::max(stamp.mtime_ns, stamp.ctime_ns);
    job.record = {path, stamp, outcome.sha256, outcome.form, outcome.content, newest >= started_ns - slack_ns_};
    job.state = HashJob::State::done;
    return true;
  }

  const int root_;
  Clock& clock_;
  const std::int64_t slack_ns_;
  const std::stop_token stop_;
};

// Builds the result from the walk: files known from before, files hashed now.
class Scan {
 public:
  Scan(int root, const ScanRequest& request, Clock& clock, std::stop_token stop)
      : root_(root), request_(request), clock_(clock), stop_(std::move(stop)) {}

  Result<ScannedTree> run() {
    struct stat info {};
    if (::fstat(root_, &info) != 0) return system_error(errno, "inspect", "the workspace folder");
    TRY_ASSIGN(Walk walk, walk_tree(root_, request_, stop_));
    find_unknown(walk);
    TRY(hash(walk));
    ScannedTree tree = build(std::move(walk));
    tree.root_mode = static_cast<std::uint16_t>(info.st_mode & kPermissionBits);
    tree.root_mtime_ns = stamp_of(info).mtime_ns;
    return tree;
  }

 private:
  // Both lists are ascending: one pass.
  void find_unknown(const Walk& walk) {
    known_.resize(walk.nodes.size(), nullptr);
    auto record = request_.known.begin();
    for (std::size_t i = 0; i < walk.nodes.size(); ++i) {
      const WalkedNode& node = walk.nodes[i];
      if (!S_ISREG(node.stamp.mode)) continue;
      while (record != request_.known.end() && record->path < node.path) ++record;
      const bool found = record != request_.known.end() && record->path == node.path;
      if (found && !request_.read_everything && !record->racy && record->stamp == node.stamp) {
        known_[i] = &*record;
      } else {
        jobs_.push_back({i, {}, HashJob::State::pending, {}});
      }
    }
  }

  Result<void> hash(const Walk& walk) {
    const Hasher hasher(root_, clock_, time_slack_ns(root_), stop_);
    const unsigned workers = request_.workers != 0 ? request_.workers : std::max(1U, std::thread::hardware_concurrency());
    std::atomic<std::uint64_t> total = 0;
    std::atomic<std::uint64_t> done = 0;
    TRY(for_each_bounded(jobs_.size(), workers, stop_, [&](std::size_t i, std::stop_token) -> Result<void> {
      std::uint64_t bytes = 0;
      TRY(hasher.run(jobs_[i], walk.nodes[jobs_[i].node].path, bytes));
      total += bytes;
      if (request_.progress && (++done & 255) == 0) request_.progress(walk.nodes.size(), total);
      return {};
    }));
    hashed_bytes_ = total;
    return {};
  }

  ScannedTree build(Walk walk) {
    ScannedTree tree;
    tree.problems = std::move(walk.problems);
    tree.entries.reserve(walk.nodes.size());
    tree.stamps.reserve(walk.nodes.size());
    tree.counts.ignored = walk.ignored;
    tree.counts.hashed_files = jobs_.size();
    tree.counts.hashed_bytes = hashed_bytes_;
    auto job = jobs_.begin();
    for (std::size_t i = 0; i < walk.nodes.size(); ++i) {
      WalkedNode& node = walk.nodes[i];
      const bool is_job = job != jobs_.end() && job->node == i;
      HashJob* const hashed = is_job ? &*job++ : nullptr;
      if (hashed != nullptr && !accept(*hashed, node, tree)) continue;
      const FileRecord* const record = hashed != nullptr ? &hashed->record : known_[i];
      tree.stamps.push_back(record != nullptr ? record->stamp : node.stamp);
      tree.entries.push_back(entry_of(node, record, tree.counts));
      if (hashed != nullptr) tree.records.push_back(std::move(hashed->record));
    }
    note_case_collisions(tree);
    return tree;
  }

  // False if there is no entry to report: the file is gone, or could not be read.
  static bool accept(const HashJob& job, const WalkedNode& node, ScannedTree& tree) {
    switch (job.state) {
      case HashJob::State::done: return true;
      case HashJob::State::pending:
      case HashJob::State::gone: return false;
      case HashJob::State::failed: tree.problems.push_back({ScanProblem::Kind::unreadable, node.path, job.reason}); return false;
      case HashJob::State::unstable: tree.problems.push_back({ScanProblem::Kind::unstable, node.path, job.reason}); return false;
    }
    return false;
  }

  static Entry entry_of(WalkedNode& node, const FileRecord* record, ScanCounts& counts) {
    Entry entry;
    const FileStamp& stamp = record != nullptr ? record->stamp : node.stamp;
    entry.path = std::move(node.path);
    entry.mode = static_cast<std::uint16_t>(stamp.mode & kPermissionBits);
    entry.mtime_ns = stamp.mtime_ns;
    if (record != nullptr) {
      entry.size_bytes = stamp.size_bytes;
      entry.sha256 = record->sha256;
      entry.form = record->form;
      entry.content = record->content;
      ++counts.files;
    } else if (S_ISLNK(stamp.mode)) {
      entry.kind = EntryKind::symlink;
      entry.mode = 0777;
      entry.target = std::move(node.target);
      entry.size_bytes = entry.target.size();
      ++counts.symlinks;
    } else {
      entry.kind = EntryKind::directory;
      ++counts.directories;
    }
    return entry;
  }

  // Two names in one folder that differ only in ASCII case: Windows and macOS hold one of them.
  static void note_case_collisions(ScannedTree& tree) {
    std::vector<std::pair<std::string, const Entry*>> folded;
    for (const Entry& entry : tree.entries) {
      std::string lower = entry.path;
      std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
      if (lower != entry.path) folded.emplace_back(std::move(lower), &entry);
    }
    std::sort(folded.begin(), folded.end());
    for (std::size_t i = 0; i < folded.size(); ++i) {
      const bool twin = i > 0 && folded[i - 1].first == folded[i].first;
      if (!twin && find_entry(tree.entries, folded[i].first) == nullptr) continue;
      tree.problems.push_back({ScanProblem::Kind::not_portable, folded[i].second->path, "differs from another name only in upper and lower case"});
    }
  }

  const int root_;
  const ScanRequest& request_;
  Clock& clock_;
  const std::stop_token stop_;
  std::vector<const FileRecord*> known_;
  std::vector<HashJob> jobs_;
  std::uint64_t hashed_bytes_ = 0;
};

}  // namespace

Result<ScannedTree> scan_folder(int root, const ScanRequest& request, Clock& clock, std::stop_token stop) {
  return Scan(root, request, clock, std::move(stop)).run();
}

}  // namespace mikura

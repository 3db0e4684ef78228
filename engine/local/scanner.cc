#include "local/scanner.h"

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "base/task_group.h"
#include "local/flatten.h"
#include "local/hashing.h"
#include "local/listing.h"
#include "local/stamp.h"

namespace mikura {
namespace {

constexpr std::uint64_t kProgressBytes = 8ULL << 20;

// Hashes the files that are not known and completes their entries.
class ContentReader {
 public:
  ContentReader(const ScanRoot& root, const ScanRequest& request, ScannedTree& tree,
                const std::vector<std::size_t>& unknown)
      : root_(root), request_(request), tree_(tree), unknown_(unknown) {}

  Result<void> run(unsigned workers, std::stop_token stop) {
    std::vector<const std::string*> paths;
    std::vector<std::uint64_t> sizes;
    for (const std::size_t i : unknown_) {
      paths.push_back(&tree_.entries[i].path);
      sizes.push_back(tree_.entries[i].size_bytes);
    }
    const auto read = [this](std::uint64_t bytes) { count(bytes); };
    TRY_ASSIGN(auto files, hash_files(root_, paths, sizes, workers, read, std::move(stop)));
    tree_.counts.hashed_bytes = bytes_;
    std::vector<bool> drop(tree_.entries.size(), false);
    for (std::size_t i = 0; i < files.size(); ++i)
      drop[unknown_[i]] = !settle(files[i], unknown_[i]);
    remove(drop);
    return {};
  }

 private:
  void count(std::uint64_t bytes) {
    const std::uint64_t total = bytes_.fetch_add(bytes) + bytes;
    if (request_.progress && total / kProgressBytes != (total - bytes) / kProgressBytes)
      request_.progress(tree_.entries.size(), total);
  }

  // False if there is nothing to report at entries[i].
  bool settle(HashedFile& file, std::size_t i) {
    Entry& entry = tree_.entries[i];
    switch (file.status) {
      case HashedFile::Status::hashed:
        break;
      case HashedFile::Status::gone:
        return false;
      case HashedFile::Status::unreadable:
        tree_.problems.push_back(
            {ScanProblem::Kind::unreadable, entry.path, std::move(file.reason)});
        return false;
      case HashedFile::Status::unstable:
        tree_.problems.push_back(
            {ScanProblem::Kind::unstable, entry.path, entry.path + ": " + file.reason});
        return false;
    }
    const FileStamp& stamp = file.record.stamp;
    tree_.stamps[i] = stamp;
    entry.size_bytes = stamp.size_bytes;
    entry.mtime_ns = stamp.mtime_ns;
    entry.mode = static_cast<std::uint16_t>(stamp.mode & kPermissionBits);
    entry.sha256 = file.record.sha256;
    entry.form = file.record.form;
    entry.content = file.record.content;
    file.record.path = entry.path;
    tree_.records.push_back(std::move(file.record));
    ++tree_.counts.hashed_files;
    return true;
  }

  void remove(const std::vector<bool>& drop) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < drop.size(); ++i) {
      if (drop[i]) {
        --tree_.counts.files;
        continue;
      }
      if (kept != i) {
        tree_.entries[kept] = std::move(tree_.entries[i]);
        tree_.stamps[kept] = tree_.stamps[i];
      }
      ++kept;
    }
    tree_.entries.resize(kept);
    tree_.stamps.resize(kept);
  }

  const ScanRoot& root_;
  const ScanRequest& request_;
  ScannedTree& tree_;
  const std::vector<std::size_t>& unknown_;
  std::atomic<std::uint64_t> bytes_ = 0;
};

}  // namespace

Result<ScannedTree> scan_folder(const ScanRoot& root, const ScanRequest& request,
                                std::stop_token stop) {
  const unsigned workers =
      request.workers != 0 ? request.workers : std::max(1U, std::thread::hardware_concurrency());
  ScannedTree tree;
  std::vector<std::size_t> unknown;
  {
    TRY_ASSIGN(ListedTree listed, list_tree(root, request, workers, stop));
    flatten(listed, request, tree, unknown);
  }
  if (!unknown.empty()) TRY(ContentReader(root, request, tree, unknown).run(workers, stop));
  // A file whose ignore rules and whose content could not be read is one problem.
  std::sort(tree.problems.begin(), tree.problems.end(), [](const auto& a, const auto& b) {
    return std::tie(a.path, a.kind, a.reason) < std::tie(b.path, b.kind, b.reason);
  });
  const auto same = [](const ScanProblem& a, const ScanProblem& b) {
    return a.path == b.path && a.kind == b.kind;
  };
  tree.problems.erase(std::unique(tree.problems.begin(), tree.problems.end(), same),
                      tree.problems.end());
  return tree;
}

}  // namespace mikura

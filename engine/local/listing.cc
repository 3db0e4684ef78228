#include "local/listing.h"

#include <fcntl.h>

#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "base/task_group.h"
#include "local/list_folder.h"
#include "local/stamp.h"

namespace mikura {
namespace {

constexpr std::uint64_t kProgressStep = 4096;

class TreeLister {
 public:
  TreeLister(const ScanRoot& root, const ScanRequest& request, std::stop_token stop)
      : root_(root), request_(request), stop_(std::move(stop)) {}

  Result<std::unique_ptr<ListedFolder>> run(unsigned workers) {
    auto top = std::make_unique<ListedFolder>();
    pending_.push_back(top.get());
    {
      const std::stop_callback wake(stop_, [this] {
        const std::lock_guard lock(mutex_);
        changed_.notify_all();
      });
      std::vector<std::jthread> threads;
      for (unsigned i = 1; i < workers; ++i)
        threads.emplace_back([this] { work(); });
      work();
    }
    TRY(check_stop(stop_));
    if (root_failure_) return *std::move(root_failure_);
    return top;
  }

 private:
  void work() {
    FolderLister lister(root_, request_);
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock,
                    [&] { return !pending_.empty() || busy_ == 0 || stop_.stop_requested(); });
      if (stop_.stop_requested() || pending_.empty()) break;
      // The last one: depth first, so that the list of what is pending stays short.
      ListedFolder& folder = *pending_.back();
      pending_.pop_back();
      ++busy_;
      lock.unlock();
      const int error = lister.list(folder);
      if (error != 0) fail(folder, error);
      lock.lock();
      --busy_;
      finish(folder, lock);
    }
    changed_.notify_all();
  }

  // Under the lock.
  void finish(ListedFolder& folder, std::unique_lock<std::mutex>& lock) {
    folder.scope = IgnoreScope();
    std::size_t added = 0;
    for (auto node = folder.nodes.rbegin(); node != folder.nodes.rend(); ++node) {
      if (node->folder == nullptr) continue;
      pending_.push_back(node->folder.get());
      ++added;
    }
    if (added > 1 || (pending_.empty() && busy_ == 0)) changed_.notify_all();
    seen_ += folder.nodes.size();
    if (!request_.progress || seen_ - reported_ < kProgressStep) return;
    reported_ = seen_;
    const std::uint64_t seen = seen_;
    lock.unlock();
    request_.progress(seen, 0);
    lock.lock();
  }

  void fail(ListedFolder& folder, int error) {
    if (folder.path.empty()) {
      const std::lock_guard lock(mutex_);
      root_failure_ = system_error(error, "read", "the workspace folder");
      return;
    }
    if (error == ENOENT) {
      folder.is_gone = true;
      return;
    }
    if (error == ENOTDIR) {
      folder.is_gone = true;
      folder.problems.push_back({ScanProblem::Kind::unstable, folder.path,
                                 folder.path + " changed its kind while it was looked at"});
      return;
    }
    folder.problems.push_back({ScanProblem::Kind::unreadable, folder.path,
                               system_error(error, "read the folder", folder.path).message()});
  }

  const ScanRoot root_;
  const ScanRequest& request_;
  const std::stop_token stop_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<ListedFolder*> pending_;
  unsigned busy_ = 0;
  std::uint64_t seen_ = 0;
  std::uint64_t reported_ = 0;
  std::optional<Error> root_failure_;
};

}  // namespace

Result<ListedTree> list_tree(const ScanRoot& root, const ScanRequest& request, unsigned workers,
                             std::stop_token stop) {
  ListedTree tree;
  if (const int error = read_stamp(root.fd, tree.stamp); error != 0)
    return system_error(error, "inspect", "the workspace folder");
  TRY_ASSIGN(tree.root, TreeLister(root, request, std::move(stop)).run(workers));
  return tree;
}

}  // namespace mikura

#include "server/workers.h"

namespace mikura {
namespace {

constexpr std::size_t kMaxWaiting = 1024;
// Paused ones included.
constexpr std::size_t kMaxThreads = 32;

}  // namespace

Workers::~Workers() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    waiting_.clear();
  }
  changed_.notify_all();
  // No task is posted any more: the list of threads stays as it is.
  threads_.clear();
}

bool Workers::post(Task task) {
  const std::lock_guard lock(mutex_);
  if (ending_ || waiting_.size() >= kMaxWaiting) return false;
  waiting_.push_back(std::move(task));
  // Threads that wait for a turn will take it; one more is needed only if none does.
  if (idle_ < waiting_.size() && threads_.size() < kMaxThreads) {
    threads_.emplace_back([this] { work(); });
  }
  changed_.notify_all();
  return true;
}

void Workers::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    changed_.wait(lock, [&] { return ending_ || (!waiting_.empty() && running_ < at_once_); });
    --idle_;
    if (ending_) return;
    const Task task = std::move(waiting_.front());
    waiting_.pop_front();
    ++running_;
    lock.unlock();
    task();
    lock.lock();
    --running_;
    changed_.notify_all();
  }
}

Workers::Pause::Pause(Workers& workers) : workers_(workers) {
  const std::lock_guard lock(workers_.mutex_);
  --workers_.running_;
  workers_.changed_.notify_all();
}

Workers::Pause::~Pause() {
  std::unique_lock lock(workers_.mutex_);
  workers_.changed_.wait(lock,
                         [&] { return workers_.ending_ || workers_.running_ < workers_.at_once_; });
  ++workers_.running_;
}

}  // namespace mikura

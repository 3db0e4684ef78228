#include "base/task_group.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <thread>
#include <vector>

#include "base/guarded.h"

namespace mikura {
namespace {

Error cancelled() {
  return Error(Code::cancelled, "cancelled");
}

Result<void> run_inline(std::size_t count, const std::stop_token& stop,
                        const std::function<Result<void>(std::size_t, std::stop_token)>& task) {
  for (std::size_t i = 0; i < count; ++i) {
    TRY(check_stop(stop));
    TRY(task(i, stop));
  }
  return {};
}

}  // namespace

Result<void> check_stop(const std::stop_token& stop) {
  if (stop.stop_requested()) return cancelled();
  return {};
}

Result<void> for_each_bounded(
    std::size_t count, unsigned workers, std::stop_token stop,
    const std::function<Result<void>(std::size_t, std::stop_token)>& task) {
  if (workers <= 1 || count <= 1) return run_inline(count, stop, task);

  std::stop_source stop_all;
  const std::stop_callback forward(stop, [&] { stop_all.request_stop(); });
  std::atomic<std::size_t> next = 0;
  Guarded<std::optional<Error>> first_error;

  const auto work = [&] {
    const std::stop_token inner = stop_all.get_token();
    while (!inner.stop_requested()) {
      const std::size_t index = next.fetch_add(1);
      if (index >= count) return;
      auto result = task(index, inner);
      if (result) continue;
      first_error.with([&](std::optional<Error>& error) {
        if (!error) error = std::move(result).error();
      });
      stop_all.request_stop();
    }
  };

  {
    std::vector<std::jthread> threads;
    const std::size_t extra = std::min<std::size_t>(workers, count) - 1;
    threads.reserve(extra);
    for (std::size_t i = 0; i < extra; ++i)
      threads.emplace_back(work);
    work();
  }

  auto error = first_error.with([](std::optional<Error>& e) { return std::move(e); });
  if (stop.stop_requested()) return cancelled();
  if (error) return *std::move(error);
  return {};
}

Result<void> ByteBudget::acquire(std::uint64_t size_bytes, std::stop_token stop) {
  std::unique_lock lock(mutex_);
  const auto fits = [&] { return used_ == 0 || used_ + size_bytes <= capacity_; };
  if (!freed_.wait(lock, stop, fits)) return cancelled();
  used_ += size_bytes;
  return {};
}

void ByteBudget::release(std::uint64_t size_bytes) {
  {
    const std::lock_guard lock(mutex_);
    used_ -= size_bytes;
  }
  freed_.notify_all();
}

Result<ByteBudget::Lease> ByteBudget::Lease::take(ByteBudget& budget, std::uint64_t size_bytes,
                                                  std::stop_token stop) {
  TRY(budget.acquire(size_bytes, stop));
  return Lease(budget, size_bytes);
}

}  // namespace mikura

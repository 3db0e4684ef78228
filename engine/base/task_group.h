// Bounded fan-out over blocking calls, and a budget for the memory that they may hold together.
//
// This is the engine's whole concurrency model (docs/architecture.md, "Concurrency"): a caller
// blocks until all work is done, every worker is joined before return, the first error stops the
// rest.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <stop_token>

#include "base/result.h"

namespace mikura {

// Calls task(i, stop) once for each i in [0, count), on at most `workers` threads (0 or 1: inline,
// in order). Items are taken in order. On the first error, or when `stop` is requested, no further
// item starts, the stop token that tasks received is triggered, all are joined, and that first
// error is returned (Code::cancelled if it was `stop`).
Result<void> for_each_bounded(
    std::size_t count, unsigned workers, std::stop_token stop,
    const std::function<Result<void>(std::size_t index, std::stop_token stop)>& task);

// A counting budget in bytes. Thread-safe.
// Invariant: the sum of outstanding reservations never exceeds the capacity, except that one
// reservation larger than the whole capacity is let through when nothing else is outstanding.
class ByteBudget {
 public:
  explicit ByteBudget(std::uint64_t capacity_bytes) : capacity_(capacity_bytes) {}

  // Blocks until `size_bytes` fit. Code::cancelled when `stop` is requested.
  Result<void> acquire(std::uint64_t size_bytes, std::stop_token stop);
  void release(std::uint64_t size_bytes);

  // Holds a reservation for the life of the object.
  class Lease {
   public:
    static Result<Lease> take(ByteBudget& budget, std::uint64_t size_bytes, std::stop_token stop);
    Lease(Lease&& other) noexcept : budget_(other.budget_), size_(other.size_) {
      other.budget_ = nullptr;
    }
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (budget_ != nullptr) budget_->release(size_);
    }

   private:
    Lease(ByteBudget& budget, std::uint64_t size) : budget_(&budget), size_(size) {}
    ByteBudget* budget_;
    std::uint64_t size_;
  };

 private:
  const std::uint64_t capacity_;
  std::mutex mutex_;
  std::condition_variable_any freed_;
  std::uint64_t used_ = 0;
};

// Code::cancelled if a stop was requested.
Result<void> check_stop(const std::stop_token& stop);

}  // namespace mikura

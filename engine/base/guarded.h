// Guarded<T>: data owned by its lock; the data can be reached only while the lock is held.
//
// Keep the function short: no I/O and no callback to others inside.
#pragma once

#include <mutex>
#include <utility>

namespace mikura {

template <class T>
class Guarded {
 public:
  Guarded() = default;
  explicit Guarded(T value) : value_(std::move(value)) {}

  // Calls f(T&) under the lock and returns what it returns.
  template <class F>
  decltype(auto) with(F&& f) {
    const std::lock_guard lock(mutex_);
    return std::forward<F>(f)(value_);
  }

  template <class F>
  decltype(auto) with(F&& f) const {
    const std::lock_guard lock(mutex_);
    return std::forward<F>(f)(value_);
  }

 private:
  mutable std::mutex mutex_;
  T value_{};
};

}  // namespace mikura

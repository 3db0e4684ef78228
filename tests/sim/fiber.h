// Fiber: a call stack of its own, which gives the control back at any depth and goes on later.
//
// The simulator runs each client's engine on one, all on a single thread, so that which client goes
// on when is nobody's decision but the seed's. One thread; a fiber must have ended before it is
// destroyed. Stacks are kept for the next fiber.
#pragma once

#include <cstddef>
#include <functional>

#ifdef __SANITIZE_ADDRESS__
#define MIKURA_FIBER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MIKURA_FIBER_ASAN 1
#endif
#endif
#if defined(__x86_64__) && !defined(MIKURA_FIBER_ASAN)
#define MIKURA_FIBER_ASM 1
#else
#include <ucontext.h>
#endif

namespace mikura {

class Fiber {
 public:
  explicit Fiber(std::function<void()> body);
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  // Runs the fiber until it yields or ends.
  void resume();
  bool is_done() const { return done_; }
  // Gives the control back to whoever resumed the running fiber.
  static void yield();

 private:
  static void entry();

  std::function<void()> body_;
  std::byte* stack_;
  bool done_ = false;
#ifdef MIKURA_FIBER_ASM
  void* own_ = nullptr;
  void* caller_ = nullptr;
#else
  ucontext_t own_;
  ucontext_t caller_;
  void* fake_stack_ = nullptr;
  const void* caller_stack_ = nullptr;
  std::size_t caller_stack_size_ = 0;
#endif
};

}  // namespace mikura

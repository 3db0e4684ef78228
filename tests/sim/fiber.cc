#include "sim/fiber.h"

#include <sys/mman.h>

#include <cstdint>
#include <vector>

#include "base/check.h"

#ifdef MIKURA_FIBER_ASAN
#include <sanitizer/common_interface_defs.h>
#endif

namespace mikura {
namespace {

constexpr std::size_t kStackBytes = 512 * 1024;
constexpr std::size_t kGuardBytes = 4096;

Fiber* current = nullptr;

std::vector<std::byte*>& free_stacks() {
  static std::vector<std::byte*> stacks;
  return stacks;
}

std::byte* take_stack() {
  if (!free_stacks().empty()) {
    std::byte* const stack = free_stacks().back();
    free_stacks().pop_back();
    return stack;
  }
  void* const memory = ::mmap(nullptr, kStackBytes + kGuardBytes, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  CHECK(memory != MAP_FAILED);
  CHECK(::mprotect(memory, kGuardBytes, PROT_NONE) == 0);
  return static_cast<std::byte*>(memory) + kGuardBytes;
}

}  // namespace

#ifdef MIKURA_FIBER_ASM

// What a call must leave as it was goes onto the old stack and comes from the new one. (swapcontext
// would do it too, with a system call for the signal mask each time.)
extern "C" void mikura_sim_switch(void** save, void* load);
asm(R"(
.text
.globl mikura_sim_switch
.type mikura_sim_switch,@function
mikura_sim_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size mikura_sim_switch,.-mikura_sim_switch
)");

Fiber::Fiber(std::function<void()> body) : body_(std::move(body)), stack_(take_stack()) {
  auto* top = reinterpret_cast<std::uintptr_t*>(stack_ + kStackBytes);
  *--top = 0;  // where entry() would return to; keeps the alignment that a call gives
  *--top = reinterpret_cast<std::uintptr_t>(&Fiber::entry);
  for (int i = 0; i < 6; ++i)
    *--top = 0;
  own_ = top;
}

void Fiber::resume() {
  CHECK(!done_ && current == nullptr);
  current = this;
  mikura_sim_switch(&caller_, own_);
  current = nullptr;
}

void Fiber::yield() {
  Fiber* const self = current;
  CHECK(self != nullptr);
  mikura_sim_switch(&self->own_, self->caller_);
}

void Fiber::entry() {
  Fiber* const self = current;
  self->body_();
  self->done_ = true;
  yield();
}

#else

Fiber::Fiber(std::function<void()> body) : body_(std::move(body)), stack_(take_stack()) {
  CHECK(::getcontext(&own_) == 0);
  own_.uc_stack.ss_sp = stack_;
  own_.uc_stack.ss_size = kStackBytes;
  own_.uc_link = nullptr;
  ::makecontext(&own_, &Fiber::entry, 0);
}

void Fiber::resume() {
  CHECK(!done_ && current == nullptr);
  current = this;
#ifdef MIKURA_FIBER_ASAN
  void* fake = nullptr;
  __sanitizer_start_switch_fiber(&fake, stack_, kStackBytes);
#endif
  CHECK(::swapcontext(&caller_, &own_) == 0);
#ifdef MIKURA_FIBER_ASAN
  __sanitizer_finish_switch_fiber(fake, nullptr, nullptr);
#endif
  current = nullptr;
}

void Fiber::yield() {
  Fiber* const self = current;
  CHECK(self != nullptr);
#ifdef MIKURA_FIBER_ASAN
  __sanitizer_start_switch_fiber(self->done_ ? nullptr : &self->fake_stack_, self->caller_stack_,
                                 self->caller_stack_size_);
#endif
  CHECK(::swapcontext(&self->own_, &self->caller_) == 0);
#ifdef MIKURA_FIBER_ASAN
  __sanitizer_finish_switch_fiber(self->fake_stack_, &self->caller_stack_,
                                  &self->caller_stack_size_);
#endif
}

void Fiber::entry() {
  Fiber* const self = current;
#ifdef MIKURA_FIBER_ASAN
  __sanitizer_finish_switch_fiber(nullptr, &self->caller_stack_, &self->caller_stack_size_);
#endif
  self->body_();
  self->done_ = true;
  yield();
}

#endif

Fiber::~Fiber() {
  CHECK(done_ || body_ == nullptr);
  free_stacks().push_back(stack_);
}

}  // namespace mikura

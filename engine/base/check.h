// CHECK and DCHECK: for our own bugs, never for the world.
//
// CHECK(x) is always on and aborts: it guards invariants whose breach could damage data.
// DCHECK(x) is on in debug and fuzzing builds. Anything that a user, a disk, a network or a hostile
// store can cause is a Result (base/result.h) instead.
#pragma once

namespace mikura::internal {
[[noreturn]] void check_failed(const char* expression, const char* file, int line);
}

#define CHECK(condition)                                                \
  do {                                                                  \
    if (!(condition)) [[unlikely]]                                      \
      ::mikura::internal::check_failed(#condition, __FILE__, __LINE__); \
  } while (false)

#ifdef NDEBUG
#define DCHECK(condition)        \
  do {                           \
    if (false) CHECK(condition); \
  } while (false)
#else
#define DCHECK(condition) CHECK(condition)
#endif

#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace mikura::internal {

void check_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "mikura: internal error: %s does not hold (%s:%d)\n", expression, file,
               line);
  std::abort();
}

}  // namespace mikura::internal

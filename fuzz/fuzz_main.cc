// The entry point of one libFuzzer program: MIKURA_FUZZ_TARGET names the target.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const mikura::fuzz::Target* const target = [] {
    const mikura::fuzz::Target* found = nullptr;
    for (const auto& candidate : mikura::fuzz::all_targets()) {
      if (candidate.name == MIKURA_FUZZ_TARGET) found = &candidate;
    }
    CHECK(found != nullptr);
    return found;
  }();
  target->run({reinterpret_cast<const std::byte*>(data), size});
  return 0;
}

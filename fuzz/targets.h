// One function per parser of untrusted bytes. Each parses, and checks that what parses is written
// back as the same bytes (the encodings are canonical). They run under libFuzzer (MIKURA_FUZZ) and,
// over the seeds and simple mutations, as an ordinary test in every build.
#pragma once

#include <span>
#include <string_view>

#include "base/bytes.h"

namespace mikura::fuzz {

struct Target {
  std::string_view name;
  void (*run)(ByteSpan input);
};

std::span<const Target> all_targets();

// targets_rpc.cc
void rpc(ByteSpan input);

}  // namespace mikura::fuzz

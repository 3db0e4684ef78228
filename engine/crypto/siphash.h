// SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed hash of short inputs whose values tell
// nothing about the input to who does not have the key. A few nanoseconds, and 64 bits only: not
// for identity, not for authentication. Pure.
#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.h"

namespace mikura {

std::uint64_t siphash(std::span<const std::byte, 16> key, ByteSpan data);

}  // namespace mikura

// Compression inside the envelope: zstd, each object by itself (no shared dictionary, so that one file says nothing about another).
// Internal to format/; the only includer of zstd. Thread-safe: contexts are per thread.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace mikura {

enum class Codec : std::uint8_t { stored = 0, zstd = 1 };

struct Compressed {
  Codec codec = Codec::stored;
  std::optional<Bytes> data;  // nullopt: take the payload as it is
};

// Compresses unless a probe of the beginning says that it does not pay.
Compressed compress(ByteSpan payload);

// The payload of exactly `original_size` bytes. `stored` may be followed by zero padding; anything else is refused (nullopt). Allocates `original_size`.
std::optional<Bytes> decompress(std::uint8_t codec, ByteSpan stored, std::uint64_t original_size);

}  // namespace mikura

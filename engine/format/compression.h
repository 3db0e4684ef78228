// Compression inside the envelope: zstd, each object by itself (no shared dictionary, so that one
// file says nothing about another).
//
// Internal to format/; the only includer of zstd. Thread-safe: contexts are per thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/bytes.h"

namespace mikura {

enum class Codec : std::uint8_t { stored = 0, zstd = 1 };

// What compress() made: always smaller than the payload. The buffer is not cleared before use, as a
// vector's would be.
struct Compressed {
  std::unique_ptr<std::byte[]> buffer;
  std::size_t size_bytes = 0;

  ByteSpan bytes() const { return {buffer.get(), size_bytes}; }
};

// nullopt if compression does not pay (less than 3 % gained): a probe of the beginning of a large
// payload decides early.
std::optional<Compressed> compress(ByteSpan payload);

// The payload of exactly `original_size` bytes, from what is stored: `stored` may be followed by
// zero padding; anything else is refused (nullopt). Allocates `original_size` at most, in one
// piece, and only once a frame has said the same size.
std::optional<Bytes> decompress(std::uint8_t codec, Bytes stored, std::uint64_t original_size);

}  // namespace mikura

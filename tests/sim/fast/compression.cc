// In place of format/compression.cc: nothing is worth compressing. Only the simulator is built with
// it.
#include "format/compression.h"

#include <algorithm>

namespace mikura {

std::optional<Compressed> compress(ByteSpan) {
  return std::nullopt;
}

std::optional<Bytes> decompress(std::uint8_t codec, Bytes stored, std::uint64_t original_size) {
  if (codec != static_cast<std::uint8_t>(Codec::stored) || stored.size() < original_size)
    return std::nullopt;
  stored.resize(original_size);
  return stored;
}

}  // namespace mikura

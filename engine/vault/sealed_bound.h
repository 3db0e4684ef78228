// How large a sealed object may be, before anything of it is read. Internal to vault/.
#pragma once

#include <cstdint>

namespace mikura {

// What sealing can add to a payload: header, codec, padding (12 %) and tags. Bytes.
constexpr std::uint64_t sealed_bound(std::uint64_t payload_bytes) {
  return payload_bytes + payload_bytes / 4 + 4096;
}

}  // namespace mikura

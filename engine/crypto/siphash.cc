#include "crypto/siphash.h"

#include <sodium.h>

#include <array>

namespace mikura {

static_assert(crypto_shorthash_KEYBYTES == 16);
static_assert(crypto_shorthash_BYTES == sizeof(std::uint64_t));

std::uint64_t siphash(std::span<const std::byte, 16> key, ByteSpan data) {
  std::array<unsigned char, crypto_shorthash_BYTES> out{};
  // libsodium's declaration forbids a null address, which an empty input may have.
  const unsigned char nothing = 0;
  const auto* const bytes =
      data.empty() ? &nothing : reinterpret_cast<const unsigned char*>(data.data());
  ::crypto_shorthash_siphash24(out.data(), bytes, data.size(),
                               reinterpret_cast<const unsigned char*>(key.data()));
  std::uint64_t hash = 0;
  for (std::size_t i = 0; i < out.size(); ++i)
    hash |= static_cast<std::uint64_t>(out[i]) << (8 * i);
  return hash;
}

}  // namespace mikura

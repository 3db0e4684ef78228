#include "crypto/siphash.h"

#include <gtest/gtest.h>

namespace mikura {
namespace {

// Key 00 01 … 0f, input 00 01 … as in the paper's appendix A and the authors' test vectors.
std::uint64_t hash_of_first(std::size_t size) {
  ByteArray<16> key;
  for (std::size_t i = 0; i < key.size(); ++i)
    key[i] = static_cast<std::byte>(i);
  Bytes input(size);
  for (std::size_t i = 0; i < size; ++i)
    input[i] = static_cast<std::byte>(i);
  return siphash(key, input);
}

TEST(SipHash, PublishedVectors) {
  EXPECT_EQ(hash_of_first(0), 0x726fdb47dd0e0e31U);
  EXPECT_EQ(hash_of_first(1), 0x74f839c593dc67fdU);
  EXPECT_EQ(hash_of_first(7), 0xab0200f58b01d137U);
  EXPECT_EQ(hash_of_first(8), 0x93f5f5799a932462U);
  EXPECT_EQ(hash_of_first(15), 0xa129ca6149be45e5U);
}

TEST(SipHash, TheKeyMatters) {
  ByteArray<16> key{};
  const std::uint64_t before = siphash(key, as_bytes("path"));
  for (std::byte& b : key) {
    b = std::byte{1};
    EXPECT_NE(siphash(key, as_bytes("path")), before);
    b = std::byte{0};
  }
}

}  // namespace
}  // namespace mikura

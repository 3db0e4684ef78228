#include "crypto/siphash.h"

#include <algorithm>
#include <array>
#include <bit>

namespace mikura {
namespace {

constexpr std::size_t kWord = 8;

// Up to eight bytes, little-endian.
std::uint64_t word_of(ByteSpan bytes) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    word |= static_cast<std::uint64_t>(bytes[i]) << (8 * i);
  return word;
}

class SipState {
 public:
  SipState(std::uint64_t k0, std::uint64_t k1)
      : v_{k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261,
           k1 ^ 0x7465646279746573} {}

  void take(std::uint64_t word) {
    v_[3] ^= word;
    rounds(2);
    v_[0] ^= word;
  }

  std::uint64_t finish() {
    v_[2] ^= 0xff;
    rounds(4);
    return v_[0] ^ v_[1] ^ v_[2] ^ v_[3];
  }

 private:
  void rounds(int count) {
    for (int i = 0; i < count; ++i) {
      v_[0] += v_[1];
      v_[1] = std::rotl(v_[1], 13) ^ v_[0];
      v_[0] = std::rotl(v_[0], 32);
      v_[2] += v_[3];
      v_[3] = std::rotl(v_[3], 16) ^ v_[2];
      v_[0] += v_[3];
      v_[3] = std::rotl(v_[3], 21) ^ v_[0];
      v_[2] += v_[1];
      v_[1] = std::rotl(v_[1], 17) ^ v_[2];
      v_[2] = std::rotl(v_[2], 32);
    }
  }

  std::array<std::uint64_t, 4> v_;
};

}  // namespace

std::uint64_t siphash(std::span<const std::byte, 16> key, ByteSpan data) {
  SipState state(word_of(key.first<kWord>()), word_of(key.last<kWord>()));
  const std::uint64_t length = static_cast<std::uint64_t>(data.size()) << 56;
  for (; data.size() >= kWord; data = data.subspan(kWord))
    state.take(word_of(data.first(kWord)));
  state.take(word_of(data) | length);
  return state.finish();
}

}  // namespace mikura

// In place of crypto/hash.cc: a mixing function that is quick and has 256 bits, and no security at
// all. Only the simulator is built with it.
#include "crypto/hash.h"

#include <array>
#include <cstring>

#include "base/check.h"

namespace mikura {
namespace {

constexpr std::array<std::uint64_t, 4> kPrimes = {0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9,
                                                  0x94d049bb133111eb, 0xd6e8feb86659fd93};

std::uint64_t turn(std::uint64_t value, std::uint64_t prime) {
  value *= prime;
  return value ^ (value >> 29);
}

}  // namespace

struct Sha256::Context {
  std::array<std::uint64_t, 4> lanes = kPrimes;
  std::uint64_t size = 0;
  std::array<std::byte, 32> block{};
  std::size_t filled = 0;

  void add(ByteSpan data) {
    size += data.size();
    while (!data.empty()) {
      if (filled == 0 && data.size() >= block.size()) {
        mix(data.data());
        data = data.subspan(block.size());
        continue;
      }
      const std::size_t n = std::min(block.size() - filled, data.size());
      std::memcpy(block.data() + filled, data.data(), n);
      filled += n;
      data = data.subspan(n);
      if (filled == block.size()) {
        mix(block.data());
        filled = 0;
      }
    }
  }

  void mix(const std::byte* from) {
    for (std::size_t i = 0; i < lanes.size(); ++i) {
      std::uint64_t word = 0;
      std::memcpy(&word, from + i * sizeof word, sizeof word);
      lanes[i] = turn(lanes[i] ^ word, kPrimes[i]) + lanes[(i + 1) % lanes.size()];
    }
  }

  void finish(MutableByteSpan out) {
    std::memset(block.data() + filled, 0, block.size() - filled);
    mix(block.data());
    lanes[0] ^= size;
    for (int round = 0; round < 4; ++round) {
      for (std::size_t i = 0; i < lanes.size(); ++i)
        lanes[i] = turn(lanes[i] ^ lanes[(i + 3) % lanes.size()], kPrimes[i]);
    }
    std::memcpy(out.data(), lanes.data(), sizeof lanes);
  }
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(ByteSpan data) {
  context_->add(data);
}

Sha256Digest Sha256::finish() {
  Sha256Digest digest;
  context_->finish(digest.mutable_bytes());
  return digest;
}

Sha256Digest sha256(ByteSpan data) {
  Sha256 hash;
  hash.update(data);
  return hash.finish();
}

ByteArray<32> hmac_sha256(ByteSpan key, ByteSpan data) {
  Sha256 hash;
  hash.update(key);
  hash.update(data);
  const Sha256Digest digest = hash.finish();
  ByteArray<32> out;
  std::memcpy(out.data(), digest.bytes().data(), out.size());
  return out;
}

ByteArray<32> hkdf_extract(ByteSpan salt, ByteSpan input_key) {
  return hmac_sha256(salt, input_key);
}

void hkdf_expand(ByteSpan key, ByteSpan info, MutableByteSpan out) {
  CHECK(out.size() <= 255 * 32);
  for (std::uint8_t counter = 1; !out.empty(); ++counter) {
    Sha256 hash;
    hash.update(key);
    hash.update(info);
    const std::byte count{counter};
    hash.update(std::span(&count, 1));
    const Sha256Digest block = hash.finish();
    const std::size_t n = std::min<std::size_t>(32, out.size());
    std::memcpy(out.data(), block.bytes().data(), n);
    out = out.subspan(n);
  }
}

bool equal_constant_time(ByteSpan a, ByteSpan b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

}  // namespace mikura

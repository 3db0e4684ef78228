// Id<Tag, N>: N bytes that identify something, each kind its own type.
//
// A blob's id cannot be passed where a version's id is wanted. Ids are parsed once, at the edge
// (from_hex), and travel as values. Thread-safety: plain values.
#pragma once

#include <algorithm>
#include <compare>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace mikura {

template <class Tag, std::size_t N>
class Id {
 public:
  static constexpr std::size_t kSize = N;

  Id() = default;  // all zero
  explicit Id(std::span<const std::byte, N> bytes) {
    std::copy(bytes.begin(), bytes.end(), bytes_.begin());
  }

  static std::optional<Id> from_hex(std::string_view hex) {
    Id id;
    if (!mikura::from_hex(hex, id.bytes_)) return std::nullopt;
    return id;
  }

  std::string hex() const { return to_hex(bytes_); }
  std::span<const std::byte, N> bytes() const { return bytes_; }
  std::span<std::byte, N> mutable_bytes() { return bytes_; }
  bool is_zero() const {
    return std::all_of(bytes_.begin(), bytes_.end(), [](std::byte b) { return b == std::byte{0}; });
  }

  friend bool operator==(const Id&, const Id&) = default;
  friend std::strong_ordering operator<=>(const Id& a, const Id& b) {
    const int order = std::memcmp(a.bytes_.data(), b.bytes_.data(), N);
    return order <=> 0;
  }

 private:
  ByteArray<N> bytes_{};
};

// SHA-256 of plaintext: the identity of a content. Never leaves the client in the default naming
// scheme.
using Sha256Digest = Id<struct Sha256DigestTag, 32>;
// The name of a stored blob: what the store sees (docs/format.md, "Names").
using BlobId = Id<struct BlobIdTag, 32>;
// 16 random bytes chosen by a publisher to recognise its own HEAD after a lost answer.
using PublishId = Id<struct PublishIdTag, 16>;
// 16 random bytes that name one installation of Mikura.
using DeviceId = Id<struct DeviceIdTag, 16>;

}  // namespace mikura

template <class Tag, std::size_t N>
struct std::hash<mikura::Id<Tag, N>> {
  std::size_t operator()(const mikura::Id<Tag, N>& id) const noexcept {
    // Ids are hashes or random: any eight bytes are well spread. UUIDv7 differ at the end.
    std::size_t value = 0;
    std::memcpy(&value, id.bytes().data() + N - sizeof value, sizeof value);
    return value;
  }
};

// SecretKey<Tag>: 32 secret bytes that wipe themselves.
//
// Move-only; a moved-from key is wiped too. It cannot be printed, compared with == or turned into
// text: reading needs the visible word expose(). Each purpose is its own type, so that a naming key
// cannot be passed where an epoch key is wanted (tests/compile_fail/ guards this). Thread-safety:
// const access from any thread.
#pragma once

#include <span>

#include "base/bytes.h"

namespace mikura {

// Overwrites memory in a way that the compiler may not drop (sodium_memzero).
void wipe(MutableByteSpan bytes);

template <class Tag>
class SecretKey {
 public:
  static constexpr std::size_t kSize = 32;

  explicit SecretKey(std::span<const std::byte, kSize> bytes) {
    for (std::size_t i = 0; i < kSize; ++i)
      bytes_[i] = bytes[i];
  }
  SecretKey(SecretKey&& other) noexcept
      : SecretKey(std::span<const std::byte, kSize>(other.bytes_)) {
    wipe(other.bytes_);
  }
  SecretKey& operator=(SecretKey&& other) noexcept {
    if (this != &other) {
      bytes_ = other.bytes_;
      wipe(other.bytes_);
    }
    return *this;
  }
  SecretKey(const SecretKey&) = delete;
  SecretKey& operator=(const SecretKey&) = delete;
  ~SecretKey() { wipe(bytes_); }

  std::span<const std::byte, kSize> expose() const { return bytes_; }
  // A second copy, where two owners are really wanted.
  SecretKey duplicate() const { return SecretKey(expose()); }

  bool operator==(const SecretKey&) const = delete;

 private:
  ByteArray<kSize> bytes_;
};

// The user's own key: only ever wraps a keyring.
using UserKey = SecretKey<struct UserKeyTag>;
// Derived from a UserKey or a passphrase for one slot: seals the keyring.
using WrappingKey = SecretKey<struct WrappingKeyTag>;
// K_name: turns a content's SHA-256 into its name in the store.
using NameKey = SecretKey<struct NameKeyTag>;
// K_chunk: where large files and large indexes are cut.
using ChunkKey = SecretKey<struct ChunkKeyTag>;
// K_epoch[e]: everything sealed in epoch e derives from it.
using EpochKey = SecretKey<struct EpochKeyTag>;

// Secret text or bytes of any length (a passphrase): move-only, wiped, not printable.
class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(ByteSpan bytes) : bytes_(bytes.begin(), bytes.end()) {}
  SecretBytes(SecretBytes&& other) noexcept : bytes_(std::move(other.bytes_)) {
    other.bytes_.clear();
  }
  SecretBytes& operator=(SecretBytes&& other) noexcept {
    if (this != &other) {
      wipe(bytes_);
      bytes_ = std::move(other.bytes_);
      other.bytes_.clear();
    }
    return *this;
  }
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  ~SecretBytes() { wipe(bytes_); }

  ByteSpan expose() const { return bytes_; }
  bool empty() const { return bytes_.empty(); }

 private:
  Bytes bytes_;
};

}  // namespace mikura

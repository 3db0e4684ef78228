// AES-256-GCM (NIST SP 800-38D) with 12-byte nonces and 16-byte tags, over OpenSSL EVP.
//
// The caller guarantees that a (key, nonce) pair is used for one message only; the envelope
// (format/envelope.h) does so by deriving a fresh key for every object. Contexts live one per
// thread; functions may be called from any thread.
#pragma once

#include "base/bytes.h"

namespace mikura {

inline constexpr std::size_t kAeadTagSize = 16;
inline constexpr std::size_t kAeadNonceSize = 12;
inline constexpr std::size_t kAeadKeySize = 32;

// One key, several messages with different nonces (the segments of an object).
class Aes256Gcm {
 public:
  explicit Aes256Gcm(std::span<const std::byte, kAeadKeySize> key);
  ~Aes256Gcm();
  Aes256Gcm(const Aes256Gcm&) = delete;
  Aes256Gcm& operator=(const Aes256Gcm&) = delete;

  // Writes ciphertext followed by the tag. Requires out.size() == plain.size() + kAeadTagSize.
  // `out` and `plain` must not overlap.
  void seal(std::span<const std::byte, kAeadNonceSize> nonce, ByteSpan plain, ByteSpan associated,
            MutableByteSpan out);

  // Verifies the tag and writes the plaintext. Requires out.size() + kAeadTagSize == sealed.size().
  // False, with `out` wiped, if authentication fails.
  [[nodiscard]] bool open(std::span<const std::byte, kAeadNonceSize> nonce, ByteSpan sealed,
                          ByteSpan associated, MutableByteSpan out);

 private:
  ByteArray<kAeadKeySize> key_;
};

}  // namespace mikura

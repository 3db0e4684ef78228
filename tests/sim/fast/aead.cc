// In place of crypto/aead.cc: the plaintext and a tag over key, nonce, associated data and text, so
// that every mix-up of keys, names and objects is still noticed. Only the simulator is built with
// it.
#include <cstring>

#include "base/check.h"
#include "crypto/aead.h"
#include "crypto/hash.h"

namespace mikura {
namespace {

ByteArray<kAeadTagSize> tag_of(ByteSpan key, ByteSpan nonce, ByteSpan plain, ByteSpan associated) {
  Sha256 hash;
  hash.update(key);
  hash.update(nonce);
  hash.update(associated);
  hash.update(plain);
  const Sha256Digest digest = hash.finish();
  ByteArray<kAeadTagSize> tag;
  std::memcpy(tag.data(), digest.bytes().data(), tag.size());
  return tag;
}

}  // namespace

Aes256Gcm::Aes256Gcm(std::span<const std::byte, kAeadKeySize> key) {
  std::memcpy(key_.data(), key.data(), key.size());
}

Aes256Gcm::~Aes256Gcm() = default;

void Aes256Gcm::seal(std::span<const std::byte, kAeadNonceSize> nonce, ByteSpan plain,
                     ByteSpan associated, MutableByteSpan out) {
  CHECK(out.size() == plain.size() + kAeadTagSize);
  if (!plain.empty()) std::memcpy(out.data(), plain.data(), plain.size());
  const auto tag = tag_of(key_, nonce, plain, associated);
  std::memcpy(out.data() + plain.size(), tag.data(), tag.size());
}

bool Aes256Gcm::open(std::span<const std::byte, kAeadNonceSize> nonce, ByteSpan sealed,
                     ByteSpan associated, MutableByteSpan out) {
  CHECK(sealed.size() == out.size() + kAeadTagSize);
  const ByteSpan plain = sealed.first(out.size());
  const auto tag = tag_of(key_, nonce, plain, associated);
  if (std::memcmp(tag.data(), sealed.data() + plain.size(), tag.size()) != 0) return false;
  if (!plain.empty()) std::memcpy(out.data(), plain.data(), plain.size());
  return true;
}

}  // namespace mikura

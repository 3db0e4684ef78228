#include "crypto/aead.h"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>

#include "base/check.h"
#include "crypto/secret_key.h"

namespace mikura {
namespace {

using CipherContext =
    std::unique_ptr<EVP_CIPHER_CTX,
                    decltype([](EVP_CIPHER_CTX* context) { EVP_CIPHER_CTX_free(context); })>;

const EVP_CIPHER* algorithm() {
  static const EVP_CIPHER* const fetched = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  CHECK(fetched != nullptr);
  return fetched;
}

// Keeps the last key it was given until the thread's next message or end; freeing it wipes it.
EVP_CIPHER_CTX* thread_context() {
  thread_local const CipherContext context([] {
    EVP_CIPHER_CTX* const made = EVP_CIPHER_CTX_new();
    CHECK(made != nullptr);
    CHECK(EVP_CipherInit_ex2(made, algorithm(), nullptr, nullptr, 1, nullptr) == 1);
    return made;
  }());
  return context.get();
}

const unsigned char* to_c(const std::byte* bytes) {
  return reinterpret_cast<const unsigned char*>(bytes);
}
unsigned char* to_c(std::byte* bytes) {
  return reinterpret_cast<unsigned char*>(bytes);
}

// A segment is far below the limit of an int.
int length(std::size_t size) {
  CHECK(size <= 0x7fffffff);
  return static_cast<int>(size);
}

void add_associated(EVP_CIPHER_CTX* context, ByteSpan associated) {
  int written = 0;
  if (!associated.empty()) {
    CHECK(EVP_CipherUpdate(context, nullptr, &written, to_c(associated.data()),
                           length(associated.size())) == 1);
  }
}

}  // namespace

Aes256Gcm::Aes256Gcm(std::span<const std::byte, kAeadKeySize> key) {
  std::copy(key.begin(), key.end(), key_.begin());
}

Aes256Gcm::~Aes256Gcm() {
  wipe(key_);
}

void Aes256Gcm::seal(std::span<const std::byte, kAeadNonceSize> nonce, ByteSpan plain,
                     ByteSpan associated, MutableByteSpan out) {
  CHECK(out.size() == plain.size() + kAeadTagSize);
  EVP_CIPHER_CTX* const context = thread_context();
  CHECK(EVP_CipherInit_ex2(context, nullptr, to_c(key_.data()), to_c(nonce.data()), 1, nullptr) ==
        1);
  add_associated(context, associated);
  int written = 0;
  if (!plain.empty()) {
    CHECK(EVP_CipherUpdate(context, to_c(out.data()), &written, to_c(plain.data()),
                           length(plain.size())) == 1);
  }
  int rest = 0;
  CHECK(EVP_CipherFinal_ex(context, to_c(out.data()) + written, &rest) == 1);
  CHECK(static_cast<std::size_t>(written + rest) == plain.size());
  CHECK(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, length(kAeadTagSize),
                            out.data() + plain.size()) == 1);
}

bool Aes256Gcm::open(std::span<const std::byte, kAeadNonceSize> nonce, ByteSpan sealed,
                     ByteSpan associated, MutableByteSpan out) {
  CHECK(sealed.size() == out.size() + kAeadTagSize);
  EVP_CIPHER_CTX* const context = thread_context();
  CHECK(EVP_CipherInit_ex2(context, nullptr, to_c(key_.data()), to_c(nonce.data()), 0, nullptr) ==
        1);
  add_associated(context, associated);
  int written = 0;
  if (!out.empty()) {
    CHECK(EVP_CipherUpdate(context, to_c(out.data()), &written, to_c(sealed.data()),
                           length(out.size())) == 1);
  }
  ByteArray<kAeadTagSize> tag;
  std::copy_n(sealed.end() - static_cast<std::ptrdiff_t>(kAeadTagSize), kAeadTagSize, tag.begin());
  CHECK(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, length(kAeadTagSize), tag.data()) == 1);
  int rest = 0;
  if (EVP_CipherFinal_ex(context, to_c(out.data()) + written, &rest) == 1) return true;
  wipe(out);
  return false;
}

}  // namespace mikura

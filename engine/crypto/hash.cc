#include "crypto/hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>

#include "base/check.h"
#include "crypto/secret_key.h"

namespace mikura {
namespace {

using MdContext = std::unique_ptr<EVP_MD_CTX, decltype([](EVP_MD_CTX* context) { EVP_MD_CTX_free(context); })>;

constexpr std::size_t kBlockSize = 64;

// Fetched once: looking an algorithm up costs more than hashing a short message, and takes a lock.
const EVP_MD* sha256_algorithm() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  CHECK(algorithm != nullptr);
  return algorithm;
}

EVP_MD_CTX* thread_context() {
  thread_local const MdContext context(EVP_MD_CTX_new());
  CHECK(context != nullptr);
  return context.get();
}

void begin(EVP_MD_CTX* context) { CHECK(EVP_DigestInit_ex2(context, sha256_algorithm(), nullptr) == 1); }

void add(EVP_MD_CTX* context, ByteSpan data) { CHECK(EVP_DigestUpdate(context, data.data(), data.size()) == 1); }

void end(EVP_MD_CTX* context, std::span<std::byte, 32> out) {
  unsigned size = 0;
  CHECK(EVP_DigestFinal_ex(context, reinterpret_cast<unsigned char*>(out.data()), &size) == 1);
  CHECK(size == out.size());
}

}  // namespace

struct Sha256::Context {
  MdContext handle{EVP_MD_CTX_new()};
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  CHECK(context_->handle != nullptr);
  begin(context_->handle.get());
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(ByteSpan data) { add(context_->handle.get(), data); }

Sha256Digest Sha256::finish() {
  Sha256Digest digest;
  end(context_->handle.get(), digest.mutable_bytes());
  return digest;
}

Sha256Digest sha256(ByteSpan data) {
  Sha256Digest digest;
  EVP_MD_CTX* const context = thread_context();
  begin(context);
  add(context, data);
  end(context, digest.mutable_bytes());
  return digest;
}

// RFC 2104. By hand over the digest, because re-keying an EVP_MAC context costs more than the two short hashes.
ByteArray<32> hmac_sha256(ByteSpan key, ByteSpan data) {
  ByteArray<kBlockSize> block{};
  if (key.size() > kBlockSize) {
    const Sha256Digest hashed = sha256(key);
    std::copy(hashed.bytes().begin(), hashed.bytes().end(), block.begin());
  } else {
    std::copy(key.begin(), key.end(), block.begin());
  }
  EVP_MD_CTX* const context = thread_context();
  ByteArray<32> inner;
  for (std::byte& b : block) b ^= std::byte{0x36};
  begin(context);
  add(context, block);
  add(context, data);
  end(context, inner);

  ByteArray<32> out;
  for (std::byte& b : block) b ^= std::byte{0x36 ^ 0x5c};
  begin(context);
  add(context, block);
  add(context, inner);
  end(context, out);
  wipe(block);
  wipe(inner);
  return out;
}

ByteArray<32> hkdf_extract(ByteSpan salt, ByteSpan input_key) {
  // HMAC pads its key with zeros, so an empty salt already is 32 zero bytes.
  return hmac_sha256(salt, input_key);
}

void hkdf_expand(ByteSpan key, ByteSpan info, MutableByteSpan out) {
  CHECK(out.size() <= 255 * 32);
  Bytes message;
  message.reserve(32 + info.size() + 1);
  ByteArray<32> block{};
  std::uint8_t counter = 0;
  for (std::size_t done = 0; done < out.size();) {
    message.clear();
    if (counter != 0) append(message, block);
    append(message, info);
    message.push_back(static_cast<std::byte>(++counter));
    block = hmac_sha256(key, message);
    const std::size_t n = std::min(block.size(), out.size() - done);
    std::copy_n(block.begin(), n, out.begin() + static_cast<std::ptrdiff_t>(done));
    done += n;
  }
  wipe(message);
  wipe(block);
}

bool equal_constant_time(ByteSpan a, ByteSpan b) {
  return a.size() == b.size() && (a.empty() || CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0);
}

}  // namespace mikura

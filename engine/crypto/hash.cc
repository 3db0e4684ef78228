#include "crypto/hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <initializer_list>

#include "base/check.h"
#include "crypto/secret_key.h"

namespace mikura {
namespace {

using MdContext =
    std::unique_ptr<EVP_MD_CTX, decltype([](EVP_MD_CTX* context) { EVP_MD_CTX_free(context); })>;

constexpr std::size_t kBlockSize = 64;
constexpr std::size_t kHashSize = 32;

// Fetched once: looking an algorithm up costs more than hashing a short message, and takes a lock.
const EVP_MD* sha256_algorithm() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  CHECK(algorithm != nullptr);
  return algorithm;
}

MdContext new_context() {
  MdContext context(EVP_MD_CTX_new());
  CHECK(context != nullptr);
  return context;
}

void begin(EVP_MD_CTX* context) {
  CHECK(EVP_DigestInit_ex2(context, sha256_algorithm(), nullptr) == 1);
}

void add(EVP_MD_CTX* context, ByteSpan data) {
  CHECK(EVP_DigestUpdate(context, data.data(), data.size()) == 1);
}

void end(EVP_MD_CTX* context, std::span<std::byte, kHashSize> out) {
  unsigned size = 0;
  CHECK(EVP_DigestFinal_ex(context, reinterpret_cast<unsigned char*>(out.data()), &size) == 1);
  CHECK(size == out.size());
}

EVP_MD_CTX* thread_context() {
  thread_local const MdContext context = new_context();
  return context.get();
}

// RFC 2104, by hand over the digest. For the short messages here this is the cheapest of the ways
// measured: re-keying an EVP_MAC context costs a third more, and copying prepared contexts
// allocates.
class Hmac {
 public:
  explicit Hmac(ByteSpan key) {
    if (key.size() > kBlockSize) {
      const Sha256Digest hashed = sha256(key);
      std::copy(hashed.bytes().begin(), hashed.bytes().end(), block_.begin());
    } else {
      std::copy(key.begin(), key.end(), block_.begin());
    }
  }
  // The context would keep its last state, which is the MAC: often a key. Starting anew overwrites
  // it.
  ~Hmac() {
    begin(context_);
    wipe(block_);
  }
  Hmac(const Hmac&) = delete;
  Hmac& operator=(const Hmac&) = delete;

  // The MAC of the joined parts. `out` may be one of them.
  void compute(std::initializer_list<ByteSpan> parts, std::span<std::byte, kHashSize> out) {
    start(std::byte{0x36});
    for (const ByteSpan part : parts)
      add(context_, part);
    end(context_, out);
    start(std::byte{0x5c});
    add(context_, out);
    end(context_, out);
  }

 private:
  void start(std::byte pad) {
    for (std::byte& b : block_)
      b ^= pad;
    begin(context_);
    add(context_, block_);
    for (std::byte& b : block_)
      b ^= pad;
  }

  EVP_MD_CTX* const context_ = thread_context();
  ByteArray<kBlockSize> block_{};
};

}  // namespace

struct Sha256::Context {
  MdContext handle = new_context();
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  begin(context_->handle.get());
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(ByteSpan data) {
  add(context_->handle.get(), data);
}

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

ByteArray<kHashSize> hmac_sha256(ByteSpan key, ByteSpan data) {
  ByteArray<kHashSize> out;
  Hmac(key).compute({data}, out);
  return out;
}

ByteArray<kHashSize> hkdf_extract(ByteSpan salt, ByteSpan input_key) {
  // HMAC pads its key with zeros, so an empty salt already is 32 zero bytes.
  return hmac_sha256(salt, input_key);
}

void hkdf_expand(ByteSpan key, ByteSpan info, MutableByteSpan out) {
  CHECK(out.size() <= 255 * kHashSize);
  Hmac hmac(key);
  ByteArray<kHashSize> block;
  ByteSpan previous;
  for (std::uint8_t counter = 1; !out.empty(); ++counter) {
    const std::byte count{counter};
    hmac.compute({previous, info, std::span(&count, 1)}, block);
    previous = block;
    const std::size_t n = std::min(block.size(), out.size());
    std::copy_n(block.begin(), n, out.begin());
    out = out.subspan(n);
  }
  wipe(block);
}

std::string sha1_hex_for_file_name(ByteSpan data) {
  ByteArray<20> out{};
  unsigned size = 0;
  CHECK(EVP_Digest(data.data(), data.size(), reinterpret_cast<unsigned char*>(out.data()), &size,
                   EVP_sha1(), nullptr) == 1);
  CHECK(size == out.size());
  return to_hex(out);
}

bool equal_constant_time(ByteSpan a, ByteSpan b) {
  return a.size() == b.size() && (a.empty() || CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0);
}

}  // namespace mikura

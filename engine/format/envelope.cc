#include "format/envelope.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <optional>

#include "base/check.h"
#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/secret_key.h"
#include "format/codec.h"
#include "format/compression.h"
#include "format/index.h"

namespace mikura {
namespace {

constexpr std::string_view kMagic = "MKR1";
constexpr std::uint8_t kFormat = 1;
constexpr std::uint8_t kSuiteAes256Gcm = 1;
constexpr std::size_t kPlainHeaderSize = 12;  // what precedes the salt
constexpr std::size_t kSaltSize = 24;
constexpr std::size_t kCommitmentSize = 32;
constexpr std::size_t kSegmentSize = 64 * 1024;
constexpr std::size_t kSealedSegmentSize = kSegmentSize + kAeadTagSize;
constexpr std::size_t kContentHeaderSize = 1 + 8;  // codec, original length
constexpr std::size_t kMaxNameBytes = 0xffff;
constexpr std::string_view kLabel = "mikura/v1/seal";

struct ObjectKeys {
  ByteArray<kAeadKeySize + kAeadNonceSize + kCommitmentSize> material;

  ObjectKeys() = default;
  ~ObjectKeys() { wipe(material); }
  ObjectKeys(const ObjectKeys&) = delete;
  ObjectKeys& operator=(const ObjectKeys&) = delete;

  std::span<const std::byte, kAeadKeySize> key() const {
    return std::span(material).first<kAeadKeySize>();
  }
  std::span<const std::byte, kAeadNonceSize> nonce() const {
    return std::span(material).subspan<kAeadKeySize, kAeadNonceSize>();
  }
  std::span<const std::byte, kCommitmentSize> commitment() const {
    return std::span(material).last<kCommitmentSize>();
  }
};

// Room for one segment, not cleared. What was in it is wiped if it was a keyring.
class Scratch {
 public:
  explicit Scratch(bool is_secret) : is_secret_(is_secret) {}
  ~Scratch() {
    if (is_secret_) wipe(first(used_));
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  MutableByteSpan first(std::size_t size) {
    used_ = std::max(used_, size);
    return std::span(bytes_).first(size);
  }

 private:
  ByteArray<kSegmentSize> bytes_;
  std::size_t used_ = 0;
  const bool is_secret_;
};

// Keys must not stay behind in freed memory or in the library's: they are neither compressed nor
// left unwiped.
bool is_secret(ObjectType type) {
  return type == ObjectType::keyring;
}

ByteArray<kPlainHeaderSize> plain_header(ObjectType type, std::uint32_t epoch) {
  ByteArray<kPlainHeaderSize> header{};
  const ByteSpan magic = as_bytes(kMagic);
  std::copy(magic.begin(), magic.end(), header.begin());
  header[4] = static_cast<std::byte>(kFormat);
  header[5] = static_cast<std::byte>(kSuiteAes256Gcm);
  header[6] = static_cast<std::byte>(type);
  for (unsigned i = 0; i < 4; ++i)
    header[8 + i] = static_cast<std::byte>(epoch >> (8 * i) & 0xff);
  return header;
}

// docs/format.md, "Sealed objects": binds everything that must not be exchanged.
void derive(const SealContext& context, ByteSpan header, ByteSpan salt, ObjectKeys& keys) {
  CHECK(context.name.size() <= kMaxNameBytes);
  Writer info;
  info.reserve(kLabel.size() + 1 + header.size() + RepositoryId::kSize + 2 + context.name.size() +
               salt.size());
  info.raw(as_bytes(kLabel));
  info.u8(0);
  info.raw(header);
  info.id(context.repository);
  info.u16(static_cast<std::uint16_t>(context.name.size()));
  info.raw(as_bytes(context.name));
  info.raw(salt);
  hkdf_expand(context.key, info.bytes(), keys.material);
}

ByteArray<kAeadNonceSize> segment_nonce(std::span<const std::byte, kAeadNonceSize> base,
                                        std::uint64_t counter, bool last) {
  ByteArray<kAeadNonceSize> nonce;
  std::copy(base.begin(), base.end(), nonce.begin());
  const std::uint64_t value = counter << 1 | (last ? 1 : 0);
  for (unsigned i = 0; i < 8; ++i) {
    nonce[kAeadNonceSize - 1 - i] ^= static_cast<std::byte>((value >> (8 * i)) & 0xff);
  }
  return nonce;
}

// content header || stored || zeros, without ever being put together: most segments lie wholly in
// `stored`.
class Plaintext {
 public:
  Plaintext(Codec codec, std::uint64_t original_size, ByteSpan stored)
      : stored_(stored),
        size_(static_cast<std::size_t>(padme(kContentHeaderSize + stored.size()))) {
    header_[0] = static_cast<std::byte>(codec);
    for (unsigned i = 0; i < 8; ++i)
      header_[1 + i] = static_cast<std::byte>(original_size >> (8 * i) & 0xff);
  }

  std::size_t size() const { return size_; }

  // Bytes [begin, begin + count), borrowed from `stored` or put together in `scratch`.
  ByteSpan piece(std::size_t begin, std::size_t count, Scratch& scratch) const {
    const std::size_t stored_end = kContentHeaderSize + stored_.size();
    if (begin >= kContentHeaderSize && begin + count <= stored_end) {
      return stored_.subspan(begin - kContentHeaderSize, count);
    }
    const MutableByteSpan out = scratch.first(count);
    for (std::size_t i = 0; i < count;) {
      const std::size_t at = begin + i;
      if (at < kContentHeaderSize) {
        out[i++] = header_[at];
      } else if (at < stored_end) {
        const ByteSpan part =
            stored_.subspan(at - kContentHeaderSize, std::min(count - i, stored_end - at));
        std::copy(part.begin(), part.end(), out.begin() + static_cast<std::ptrdiff_t>(i));
        i += part.size();
      } else {
        std::fill(out.begin() + static_cast<std::ptrdiff_t>(i), out.end(), std::byte{0});
        i = count;
      }
    }
    return out;
  }

 private:
  ByteArray<kContentHeaderSize> header_{};
  const ByteSpan stored_;
  const std::size_t size_;
};

void seal_segments(const ObjectKeys& keys, const Plaintext& plain, Scratch& scratch,
                   MutableByteSpan out) {
  Aes256Gcm cipher(keys.key());
  std::size_t begin = 0;
  for (std::uint64_t counter = 0;; ++counter) {
    const std::size_t size = std::min(plain.size() - begin, kSegmentSize);
    const bool last = begin + size == plain.size();
    cipher.seal(segment_nonce(keys.nonce(), counter, last), plain.piece(begin, size, scratch), {},
                out.first(size + kAeadTagSize));
    if (last) return;
    begin += size;
    out = out.subspan(size + kAeadTagSize);
  }
}

// Into `header` and `rest`, which follow each other in the plaintext. False if any segment fails.
bool open_segments(const ObjectKeys& keys, ByteSpan body, Scratch& scratch,
                   std::span<std::byte, kContentHeaderSize> header, MutableByteSpan rest) {
  Aes256Gcm cipher(keys.key());
  for (std::uint64_t counter = 0;; ++counter) {
    const std::size_t size = std::min(body.size(), kSealedSegmentSize);
    const std::size_t plain_size = size - kAeadTagSize;
    const bool last = size == body.size();
    const bool first = counter == 0;
    const MutableByteSpan out = first ? scratch.first(plain_size) : rest.first(plain_size);
    if (!cipher.open(segment_nonce(keys.nonce(), counter, last), body.first(size), {}, out))
      return false;
    std::size_t taken = plain_size;
    if (first) {
      const ByteSpan content = out.subspan(kContentHeaderSize);
      std::copy_n(out.begin(), kContentHeaderSize, header.begin());
      std::copy(content.begin(), content.end(), rest.begin());
      taken = content.size();
    }
    if (last) return true;
    body = body.subspan(size);
    rest = rest.subspan(taken);
  }
}

std::size_t segments_for(std::size_t plain_size) {
  return std::max<std::size_t>(1, (plain_size + kSegmentSize - 1) / kSegmentSize);
}

// nullopt if no plaintext can have this body size.
std::optional<std::size_t> plain_size_of(std::size_t body_size) {
  const std::size_t segments =
      body_size / kSealedSegmentSize + (body_size % kSealedSegmentSize != 0 ? 1 : 0);
  if (segments == 0 || body_size < segments * kAeadTagSize + kContentHeaderSize)
    return std::nullopt;
  const std::size_t plain = body_size - segments * kAeadTagSize;
  if (segments_for(plain) != segments) return std::nullopt;
  return plain;
}

// What is stored never takes more than the payload itself, so a larger plaintext cannot be right:
// refused unopened.
bool exceeds(std::size_t plain_size, std::uint64_t max_payload_bytes) {
  return max_payload_bytes < kMaxIndexBytes &&
         plain_size > padme(kContentHeaderSize + max_payload_bytes);
}

Error damaged(const SealContext& context, std::string_view why) {
  return Error(Code::corrupt, fmt::format("the object {} {}", context.name, why))
      .with_hint(
          "It was damaged, exchanged or forged in the store. Nothing was changed. Put the right "
          "object back from a copy.");
}

}  // namespace

std::uint64_t padme(std::uint64_t size) {
  if (size < 2) return size;
  const unsigned exponent = static_cast<unsigned>(std::bit_width(size)) - 1;
  const unsigned keep = static_cast<unsigned>(std::bit_width(exponent));
  const unsigned clear = exponent > keep ? exponent - keep : 0;
  const std::uint64_t mask = (std::uint64_t{1} << clear) - 1;
  return (size + mask) & ~mask;
}

Bytes seal(const SealContext& context, ByteSpan payload, Random& random) {
  const auto compressed = is_secret(context.type) ? std::nullopt : compress(payload);
  const Plaintext plain(compressed ? Codec::zstd : Codec::stored, payload.size(),
                        compressed ? compressed->bytes() : payload);

  ByteArray<kSaltSize> salt;
  random.fill(salt);
  const auto header = plain_header(context.type, context.epoch);
  ObjectKeys keys;
  derive(context, header, salt, keys);

  Bytes object;
  const std::size_t size =
      kEnvelopeHeaderSize + plain.size() + segments_for(plain.size()) * kAeadTagSize;
  object.reserve(size);
  append(object, header);
  append(object, salt);
  append(object, keys.commitment());
  object.resize(size);
  Scratch scratch(is_secret(context.type));
  seal_segments(keys, plain, scratch, std::span(object).subspan(kEnvelopeHeaderSize));
  return object;
}

Result<std::uint32_t> sealed_epoch(ByteSpan object) {
  Reader reader(object.first(std::min(object.size(), kPlainHeaderSize)), "a sealed object");
  if (as_text(reader.raw(kMagic.size())) != kMagic) reader.fail("it does not start as one does");
  const std::uint8_t format = reader.u8();
  const std::uint8_t suite = reader.u8();
  reader.u8();
  const std::uint8_t flags = reader.u8();
  const std::uint32_t epoch = reader.u32();
  if (format == 0 || suite == 0) reader.fail("its header has a version 0");
  TRY(reader.finish());
  if (format > kFormat || suite > kSuiteAes256Gcm) {
    // Not authenticated: it may as well be damage, and says so.
    return Error(Code::unsupported,
                 fmt::format(
                     "a sealed object has format {}, suite {}, which this program does not know",
                     format, suite))
        .with_hint(
            "Update Mikura. If this is the newest version, the object was damaged in the store.");
  }
  if (flags != 0)
    return Error(Code::corrupt,
                 "a sealed object is damaged: its header has flags that nothing sets");
  return epoch;
}

Result<Bytes> open_sealed(const SealContext& context, ByteSpan object,
                          std::uint64_t max_payload_bytes) {
  if (object.size() < kEnvelopeHeaderSize) return damaged(context, "is cut short");
  const ByteSpan header = object.first(kPlainHeaderSize);
  if (!std::ranges::equal(header, plain_header(context.type, context.epoch))) {
    return damaged(context, "is not what its name says");
  }
  const ByteSpan body = object.subspan(kEnvelopeHeaderSize);
  const auto plain_size = plain_size_of(body.size());
  if (!plain_size) return damaged(context, "has an impossible size");
  if (exceeds(*plain_size, max_payload_bytes)) return damaged(context, "is larger than it may be");

  ObjectKeys keys;
  derive(context, header, object.subspan(kPlainHeaderSize, kSaltSize), keys);
  if (!equal_constant_time(keys.commitment(),
                           object.subspan(kPlainHeaderSize + kSaltSize, kCommitmentSize))) {
    return damaged(context, "is not sealed with this repository's key under this name");
  }
  ByteArray<kContentHeaderSize> content_header;
  Bytes stored(*plain_size - kContentHeaderSize);
  Scratch scratch(is_secret(context.type));
  if (!open_segments(keys, body, scratch, content_header, stored)) {
    if (is_secret(context.type)) wipe(stored);
    return damaged(context, "failed authentication");
  }

  // From here on the bytes are what a holder of the key wrote; limits still hold.
  Reader reader(content_header, "a sealed object");
  const std::uint8_t codec = reader.u8();
  const std::uint64_t original_size = reader.u64();
  if (original_size > max_payload_bytes) return damaged(context, "holds more than it may");
  if (is_secret(context.type) && codec != static_cast<std::uint8_t>(Codec::stored)) {
    return damaged(context, "is compressed, which a keyring never is");
  }
  auto payload = decompress(codec, std::move(stored), original_size);
  if (!payload) return damaged(context, "does not hold what it says");
  return *std::move(payload);
}

}  // namespace mikura

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

struct ObjectKeys {
  ByteArray<kAeadKeySize + kAeadNonceSize + kCommitmentSize> material;

  ~ObjectKeys() { wipe(material); }
  std::span<const std::byte, kAeadKeySize> key() const { return std::span(material).first<kAeadKeySize>(); }
  std::span<const std::byte, kAeadNonceSize> nonce() const { return std::span(material).subspan<kAeadKeySize, kAeadNonceSize>(); }
  std::span<const std::byte, kCommitmentSize> commitment() const { return std::span(material).last<kCommitmentSize>(); }
};

Bytes plain_header(ObjectType type, std::uint32_t epoch) {
  Writer writer;
  writer.raw(as_bytes(kMagic));
  writer.u8(kFormat);
  writer.u8(kSuiteAes256Gcm);
  writer.u8(static_cast<std::uint8_t>(type));
  writer.u8(0);
  writer.u32(epoch);
  return writer.take();
}

// docs/format.md, "Sealed objects": binds everything that must not be exchanged.
void derive(const SealContext& context, ByteSpan header, ByteSpan salt, ObjectKeys& keys) {
  CHECK(context.name.size() <= 0xffff);
  Writer info;
  info.raw(as_bytes("mikura/v1/seal"));
  info.u8(0);
  info.raw(header);
  info.id(context.repository);
  info.u16(static_cast<std::uint16_t>(context.name.size()));
  info.raw(as_bytes(context.name));
  info.raw(salt);
  hkdf_expand(context.key, info.bytes(), keys.material);
}

ByteArray<kAeadNonceSize> segment_nonce(std::span<const std::byte, kAeadNonceSize> base, std::uint64_t counter, bool last) {
  ByteArray<kAeadNonceSize> nonce;
  std::copy(base.begin(), base.end(), nonce.begin());
  const std::uint64_t value = counter << 1 | (last ? 1 : 0);
  for (unsigned i = 0; i < 8; ++i) nonce[kAeadNonceSize - 1 - i] ^= static_cast<std::byte>((value >> (8 * i)) & 0xff);
  return nonce;
}

void seal_segments(const ObjectKeys& keys, ByteSpan plain, MutableByteSpan out) {
  Aes256Gcm cipher(keys.key());
  for (std::uint64_t counter = 0;; ++counter) {
    const std::size_t size = std::min(plain.size(), kSegmentSize);
    const bool last = size == plain.size();
    cipher.seal(segment_nonce(keys.nonce(), counter, last), plain.first(size), {}, out.first(size + kAeadTagSize));
    if (last) return;
    plain = plain.subspan(size);
    out = out.subspan(size + kAeadTagSize);
  }
}

bool open_segments(const ObjectKeys& keys, ByteSpan body, MutableByteSpan out) {
  Aes256Gcm cipher(keys.key());
  for (std::uint64_t counter = 0;; ++counter) {
    const std::size_t size = std::min(body.size(), kSealedSegmentSize);
    const bool last = size == body.size();
    if (!cipher.open(segment_nonce(keys.nonce(), counter, last), body.first(size), {}, out.first(size - kAeadTagSize))) return false;
    if (last) return true;
    body = body.subspan(size);
    out = out.subspan(size - kAeadTagSize);
  }
}

std::size_t segments_for(std::size_t plain_size) { return std::max<std::size_t>(1, (plain_size + kSegmentSize - 1) / kSegmentSize); }

// nullopt if no plaintext can have this body size.
std::optional<std::size_t> plain_size_of(std::size_t body_size) {
  const std::size_t segments = (body_size + kSealedSegmentSize - 1) / kSealedSegmentSize;
  if (segments == 0 || body_size < segments * kAeadTagSize + kContentHeaderSize) return std::nullopt;
  const std::size_t plain = body_size - segments * kAeadTagSize;
  if (segments_for(plain) != segments) return std::nullopt;
  return plain;
}

Error damaged(const SealContext& context, std::string_view why) {
  return Error(Code::corrupt, fmt::format("the object {} {}", context.name, why))
      .with_hint("It was damaged, exchanged or forged in the store. Nothing was changed. Put the right object back from a copy.");
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
  const Compressed compressed = compress(payload);
  const ByteSpan stored = compressed.data ? ByteSpan(*compressed.data) : payload;

  const std::size_t used = kContentHeaderSize + stored.size();
  Writer content_header;
  content_header.u8(static_cast<std::uint8_t>(compressed.codec));
  content_header.u64(payload.size());
  Bytes plain;
  plain.reserve(padme(used));
  append(plain, content_header.bytes());
  append(plain, stored);
  plain.resize(padme(used));

  ByteArray<kSaltSize> salt;
  random.fill(salt);
  const Bytes header = plain_header(context.type, context.epoch);
  ObjectKeys keys;
  derive(context, header, salt, keys);

  Bytes object;
  object.reserve(kEnvelopeHeaderSize + plain.size() + segments_for(plain.size()) * kAeadTagSize);
  append(object, header);
  append(object, salt);
  append(object, keys.commitment());
  object.resize(kEnvelopeHeaderSize + plain.size() + segments_for(plain.size()) * kAeadTagSize);
  seal_segments(keys, plain, std::span(object).subspan(kEnvelopeHeaderSize));
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
  TRY(reader.finish());
  if (format != kFormat || suite != kSuiteAes256Gcm || flags != 0) {
    // A newer program would have raised min_format in HEAD first: an unknown header here is damage.
    return Error(Code::corrupt, "a sealed object is damaged: its header is not one that this repository's format has");
  }
  return epoch;
}

Result<Bytes> open_sealed(const SealContext& context, ByteSpan object, std::uint64_t max_payload_bytes) {
  if (object.size() < kEnvelopeHeaderSize) return damaged(context, "is cut short");
  const ByteSpan header = object.first(kPlainHeaderSize);
  if (!std::ranges::equal(header, plain_header(context.type, context.epoch))) return damaged(context, "is not what its name says");
  const ByteSpan body = object.subspan(kEnvelopeHeaderSize);
  const auto plain_size = plain_size_of(body.size());
  if (!plain_size) return damaged(context, "has an impossible size");

  ObjectKeys keys;
  derive(context, header, object.subspan(kPlainHeaderSize, kSaltSize), keys);
  if (!equal_constant_time(keys.commitment(), object.subspan(kPlainHeaderSize + kSaltSize, kCommitmentSize))) {
    return damaged(context, "is not sealed with this repository's key under this name");
  }
  Bytes plain(*plain_size);
  if (!open_segments(keys, body, plain)) return damaged(context, "failed authentication");

  // From here on the bytes are what a holder of the key wrote; limits still hold.
  Reader reader(ByteSpan(plain).first(kContentHeaderSize), "a sealed object");
  const std::uint8_t codec = reader.u8();
  const std::uint64_t original_size = reader.u64();
  if (original_size > max_payload_bytes) return damaged(context, "holds more than it may");
  auto payload = decompress(codec, std::span(plain).subspan(kContentHeaderSize), original_size);
  if (!payload) return damaged(context, "does not hold what it says");
  return *std::move(payload);
}

}  // namespace mikura

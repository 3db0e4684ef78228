// The envelope: how every object but `repository` is sealed (docs/format.md, "Sealed objects").
//
// A header in the clear (magic, format, suite, type, epoch, salt, commitment), then the plaintext
// in segments of 64 KiB, each under AES-256-GCM. Key, nonce and commitment of an object are derived
// from the epoch's key over header, repository, full name and salt. Inside the encryption: codec,
// original length, payload, zeros up to the next Padme size.
//
// So an object opens only as what, where, and for the repository it was sealed: it cannot be
// swapped, renamed, truncated, extended or reordered. The salt makes each key fresh: no nonce
// limit; the commitment binds the key. Thread-safe; contexts are per thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/random.h"
#include "crypto/uuid.h"

namespace mikura {

enum class ObjectType : std::uint8_t {
  keyring = 1,
  head = 2,
  index = 3,
  blob = 4,
  chunk_list = 5,
  log_segment = 6,
  index_segment = 7,
  pack_directory = 8,
  catalog = 9,
  // Reserved, see docs/format.md: lock = 10, gc_manifest = 11
};

struct SealContext {
  RepositoryId repository;
  ObjectType type;
  std::string_view name;               // the full logical name: "HEAD", "objects/ab/abcd..."
  std::uint32_t epoch = 0;             // 0 for keyring slots
  std::span<const std::byte, 32> key;  // an EpochKey's or WrappingKey's bytes
};

inline constexpr std::size_t kEnvelopeHeaderSize = 68;
// The largest payload that seal() takes and open_sealed() gives back; index objects are exempt up
// to kMaxIndexBytes.
inline constexpr std::uint64_t kMaxBlobBytes = 16ULL << 20;

// Compresses (zstd, unless a probe says that it does not pay, and never a keyring), pads and seals.
Bytes seal(const SealContext& context, ByteSpan payload, Random& random);

// The epoch that the object says it was sealed in. Code::corrupt if it is no envelope,
// Code::unsupported for newer ones.
Result<std::uint32_t> sealed_epoch(ByteSpan object);

// The payload, of at most max_payload_bytes. Code::corrupt, naming context.name, on anything but
// the exact object that was sealed under this context. Memory is bounded by the object's own size
// and max_payload_bytes, before and after decompression.
Result<Bytes> open_sealed(const SealContext& context, ByteSpan object,
                          std::uint64_t max_payload_bytes);

// Padme (Nikitin et al., PETS 2019): the padded size for `size`, at most 12 % more. Leaks O(log log
// size) bits.
std::uint64_t padme(std::uint64_t size);

}  // namespace mikura

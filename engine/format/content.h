// Content: how a file becomes blobs, and what they are called.
//
// A small file is one blob. A larger one is a chunk list (an object of its own, referenced by its
// SHA-256) of chunks, each a blob; long lists are divided again (format/chunk_parts.h). Readers
// accept any division into chunks; who writes chooses it (format/chunker.h). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/id.h"
#include "base/result.h"
#include "crypto/hash.h"
#include "crypto/secret_key.h"
#include "crypto/uuid.h"
#include "format/entry.h"
#include "format/envelope.h"
#include "format/repository.h"

namespace mikura {

struct Chunk {
  Sha256Digest sha256;
  std::uint32_t size_bytes = 0;  // 1..kMaxBlobBytes
  friend bool operator==(const Chunk&, const Chunk&) = default;
};

struct ChunkList {
  Sha256Digest file_sha256;
  std::uint64_t size_bytes = 0;  // sum of the chunks
  std::vector<Chunk> chunks;
  friend bool operator==(const ChunkList&, const ChunkList&) = default;
};

inline constexpr std::uint64_t kMaxChunksPerFile = 1 << 20;
inline constexpr std::uint64_t kMaxChunkListBytes = 64ULL << 20;
inline constexpr std::uint64_t kMaxFileBytes = kMaxChunksPerFile * kMaxBlobBytes;  // 16 TiB

Bytes encode_chunk_list(const ChunkList& list);
Result<ChunkList> decode_chunk_list(ByteSpan bytes);

// M1.4, O5: the name of a content under the repository's naming scheme.
BlobId blob_id(NamingScheme scheme, const NameKey& key, const Sha256Digest& content);

std::string object_name(const BlobId& id);         // "objects/<first 2 hex>/<64 hex>"
std::string index_name(const VersionId& version);  // "indexes/<uuid>"
std::string log_segment_name(const Uuid& id);      // "log/<uuid>"
inline constexpr std::string_view kHeadName = "HEAD";
inline constexpr std::string_view kRepositoryName = "repository";
inline constexpr std::string_view kKeysPrefix = "keys/";
inline constexpr std::string_view kIndexesPrefix = "indexes/";
inline constexpr std::string_view kObjectsPrefix = "objects/";

}  // namespace mikura

// Long chunk lists, in parts: runs of chunks that are blobs of their own, so that a small change in
// a large file rewrites one part and a short list of parts (docs/format.md, "Content").
//
// Where a part ends is decided by the hashes of its chunks alone, so that a change moves no other
// part. Readers take any division. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "format/content.h"

namespace mikura {

// A blob with the encoding of a run of chunks.
struct ChunkPart {
  Sha256Digest sha256;           // of the encoded part
  std::uint32_t chunks = 0;      // 1..kMaxChunksPerPart
  std::uint64_t size_bytes = 0;  // of the file: the sum of its chunks
  friend bool operator==(const ChunkPart&, const ChunkPart&) = default;
};

// Chunk list format 2.
struct PartedChunkList {
  Sha256Digest file_sha256;
  std::uint64_t size_bytes = 0;  // sum of the parts
  std::vector<ChunkPart> parts;  // 1..kMaxChunksPerFile chunks in all
  friend bool operator==(const PartedChunkList&, const PartedChunkList&) = default;
};

inline constexpr std::uint32_t kMaxChunksPerPart = 1024;
// A list of more chunks than this is written in parts.
inline constexpr std::size_t kMaxFlatChunks = 128;

// Whether these bytes, if they are a chunk list, are one of format 2: which decoder is to be asked.
bool is_parted_list(ByteSpan encoded);
Bytes encode_parted_list(const PartedChunkList& list);
Result<PartedChunkList> decode_parted_list(ByteSpan encoded);

Bytes encode_chunk_part(std::span<const Chunk> chunks);
// Code::corrupt unless it is what `part` says (its hash is the caller's business).
Result<std::vector<Chunk>> decode_chunk_part(ByteSpan encoded, const ChunkPart& part);
// The size of the encoding of a part of so many chunks.
std::uint64_t chunk_part_bytes(std::uint32_t chunks);

// A list as it is stored: format 1 if it is short, otherwise format 2 and its parts.
struct EncodedChunkList {
  Bytes list;
  Sha256Digest content;  // of `list`: what an index entry names
  std::vector<Bytes> parts;
  std::vector<Sha256Digest> part_contents;
};
EncodedChunkList encode_for_store(const ChunkList& list);

}  // namespace mikura

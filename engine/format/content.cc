#include "format/content.h"

#include <algorithm>

#include "base/check.h"
#include "format/codec.h"
#include "format/envelope.h"

namespace mikura {
namespace {

constexpr std::string_view kMagic = "MKCL";
constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kChunkBytes = Sha256Digest::kSize + 4;

// Why this cannot be a list; empty if it can. For reader and writer.
std::string_view wrong_with(const ChunkList& list) {
  if (list.chunks.empty()) return "it has no chunks";
  std::uint64_t total = 0;  // at most 2^44: the count is bounded
  for (const Chunk& chunk : list.chunks) {
    if (chunk.size_bytes == 0 || chunk.size_bytes > kMaxBlobBytes)
      return "a chunk has an impossible size";
    total += chunk.size_bytes;
  }
  return total == list.size_bytes ? std::string_view() : "its chunks do not add up";
}

}  // namespace

Bytes encode_chunk_list(const ChunkList& list) {
  CHECK(list.chunks.size() <= kMaxChunksPerFile && wrong_with(list).empty());
  Writer writer;
  writer.raw(as_bytes(kMagic));
  writer.u8(kFormat);
  writer.id(list.file_sha256);
  writer.u64(list.size_bytes);
  writer.varint(list.chunks.size());
  for (const Chunk& chunk : list.chunks) {
    writer.id(chunk.sha256);
    writer.u32(chunk.size_bytes);
  }
  return writer.take();
}

Result<ChunkList> decode_chunk_list(ByteSpan bytes) {
  Reader reader(bytes, "a list of chunks");
  if (as_text(reader.raw(kMagic.size())) != kMagic) reader.fail("it does not start as one does");
  const std::uint8_t format = reader.u8();
  if (reader.ok() && format > kFormat) {
    return Error(Code::unsupported, "a file is stored in a newer format than this program knows")
        .with_hint("Update Mikura.");
  }
  if (format != kFormat) reader.fail("it has a version 0");
  ChunkList list;
  list.file_sha256 = reader.id<Sha256Digest>();
  list.size_bytes = reader.u64();
  const std::uint64_t count = reader.varint_max(kMaxChunksPerFile);
  list.chunks.reserve(
      static_cast<std::size_t>(std::min<std::uint64_t>(count, reader.remaining() / kChunkBytes)));
  for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
    Chunk chunk;
    chunk.sha256 = reader.id<Sha256Digest>();
    chunk.size_bytes = reader.u32();
    list.chunks.push_back(chunk);
  }
  if (const std::string_view why = wrong_with(list); reader.ok() && !why.empty()) reader.fail(why);
  TRY(reader.finish());
  return list;
}

BlobId blob_id(NamingScheme scheme, const NameKey& key, const Sha256Digest& content) {
  switch (scheme) {
    case NamingScheme::hmac_sha256:
      return BlobId(std::span<const std::byte, 32>(hmac_sha256(key.expose(), content.bytes())));
    case NamingScheme::sha256:
      break;
  }
  return BlobId(content.bytes());
}

std::string object_name(const BlobId& id) {
  const std::string hex = id.hex();
  return std::string(kObjectsPrefix) + hex.substr(0, 2) + "/" + hex;
}

std::string index_name(const VersionId& version) {
  return std::string(kIndexesPrefix) + format_uuid(version.bytes());
}

std::string log_segment_name(const Uuid& id) {
  return "log/" + format_uuid(id.bytes());
}

}  // namespace mikura

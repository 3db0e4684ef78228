#include "format/chunk_parts.h"

#include <algorithm>

#include "base/check.h"
#include "format/codec.h"

namespace mikura {
namespace {

constexpr std::string_view kListMagic = "MKCL";
constexpr std::string_view kPartMagic = "MKCP";
constexpr std::uint8_t kListFormat = 2;
constexpr std::uint8_t kPartFormat = 1;
constexpr std::size_t kRowBytes = Sha256Digest::kSize + 4 + 8;
constexpr std::size_t kChunkBytes = Sha256Digest::kSize + 4;
// How the writer divides: a part ends after a chunk whose hash says so, one of 64.
constexpr std::size_t kMinPart = 16;
constexpr std::size_t kMaxPart = 256;
constexpr unsigned kEndMask = 63;

std::string_view wrong_with(const PartedChunkList& list) {
  if (list.parts.empty()) return "it has no parts";
  std::uint64_t chunks = 0;
  std::uint64_t total = 0;  // at most 2^54: both factors are bounded
  for (const ChunkPart& part : list.parts) {
    if (part.chunks == 0 || part.chunks > kMaxChunksPerPart)
      return "a part has an impossible number of chunks";
    if (part.size_bytes < part.chunks || part.size_bytes > part.chunks * kMaxBlobBytes)
      return "a part has an impossible size";
    chunks += part.chunks;
    total += part.size_bytes;
  }
  if (chunks > kMaxChunksPerFile) return "it has too many chunks";
  return total == list.size_bytes ? std::string_view() : "its parts do not add up";
}

void read_start(Reader& reader, std::string_view magic) {
  if (as_text(reader.raw(magic.size())) != magic) reader.fail("it does not start as one does");
}

Error newer_format() {
  return Error(Code::unsupported, "a file is stored in a newer format than this program knows")
      .with_hint("Update Mikura.");
}

std::size_t part_length(std::span<const Chunk> chunks) {
  const std::size_t most = std::min(chunks.size(), kMaxPart);
  for (std::size_t n = kMinPart; n < most; ++n) {
    const std::byte last = chunks[n - 1].sha256.bytes()[0];
    if ((std::to_integer<unsigned>(last) & kEndMask) == 0) return n;
  }
  return most;
}

}  // namespace

bool is_parted_list(ByteSpan encoded) {
  return encoded.size() > kListMagic.size() &&
         std::to_integer<std::uint8_t>(encoded[kListMagic.size()]) == kListFormat;
}

Bytes encode_parted_list(const PartedChunkList& list) {
  CHECK(wrong_with(list).empty());
  Writer writer;
  writer.raw(as_bytes(kListMagic));
  writer.u8(kListFormat);
  writer.id(list.file_sha256);
  writer.u64(list.size_bytes);
  writer.varint(list.parts.size());
  for (const ChunkPart& part : list.parts) {
    writer.id(part.sha256);
    writer.u32(part.chunks);
    writer.u64(part.size_bytes);
  }
  return writer.take();
}

Result<PartedChunkList> decode_parted_list(ByteSpan encoded) {
  Reader reader(encoded, "a list of chunks in parts");
  read_start(reader, kListMagic);
  const std::uint8_t format = reader.u8();
  if (reader.ok() && format > kListFormat) return newer_format();
  if (format != kListFormat) reader.fail("it has another version");
  PartedChunkList list;
  list.file_sha256 = reader.id<Sha256Digest>();
  list.size_bytes = reader.u64();
  const std::uint64_t count = reader.varint_max(kMaxChunksPerFile);
  list.parts.reserve(
      static_cast<std::size_t>(std::min<std::uint64_t>(count, reader.remaining() / kRowBytes)));
  for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
    ChunkPart part;
    part.sha256 = reader.id<Sha256Digest>();
    part.chunks = reader.u32();
    part.size_bytes = reader.u64();
    list.parts.push_back(part);
  }
  if (const std::string_view why = wrong_with(list); reader.ok() && !why.empty()) reader.fail(why);
  TRY(reader.finish());
  return list;
}

Bytes encode_chunk_part(std::span<const Chunk> chunks) {
  CHECK(!chunks.empty() && chunks.size() <= kMaxChunksPerPart);
  Writer writer;
  writer.raw(as_bytes(kPartMagic));
  writer.u8(kPartFormat);
  writer.u32(static_cast<std::uint32_t>(chunks.size()));
  for (const Chunk& chunk : chunks) {
    CHECK(chunk.size_bytes != 0 && chunk.size_bytes <= kMaxBlobBytes);
    writer.id(chunk.sha256);
    writer.u32(chunk.size_bytes);
  }
  return writer.take();
}

Result<std::vector<Chunk>> decode_chunk_part(ByteSpan encoded, const ChunkPart& part) {
  Reader reader(encoded, "a part of a list of chunks");
  read_start(reader, kPartMagic);
  const std::uint8_t format = reader.u8();
  if (reader.ok() && format > kPartFormat) return newer_format();
  if (format != kPartFormat) reader.fail("it has a version 0");
  const std::uint32_t count = reader.u32();
  if (reader.ok() && (count != part.chunks || count == 0 || count > kMaxChunksPerPart))
    reader.fail("it has another number of chunks than its list says");
  std::vector<Chunk> chunks;
  chunks.reserve(std::min<std::size_t>(count, reader.remaining() / kChunkBytes));
  std::uint64_t total = 0;
  for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
    Chunk chunk;
    chunk.sha256 = reader.id<Sha256Digest>();
    chunk.size_bytes = reader.u32();
    if (chunk.size_bytes == 0 || chunk.size_bytes > kMaxBlobBytes)
      reader.fail("a chunk has an impossible size");
    total += chunk.size_bytes;
    chunks.push_back(chunk);
  }
  if (reader.ok() && total != part.size_bytes) reader.fail("its chunks do not add up");
  TRY(reader.finish());
  return chunks;
}

std::uint64_t chunk_part_bytes(std::uint32_t chunks) {
  return kPartMagic.size() + 1 + 4 + std::uint64_t{chunks} * kChunkBytes;
}

EncodedChunkList encode_for_store(const ChunkList& list) {
  EncodedChunkList encoded;
  if (list.chunks.size() <= kMaxFlatChunks) {
    encoded.list = encode_chunk_list(list);
    encoded.content = sha256(encoded.list);
    return encoded;
  }
  PartedChunkList parted{list.file_sha256, list.size_bytes, {}};
  std::span<const Chunk> left = list.chunks;
  while (!left.empty()) {
    const auto chunks = left.first(part_length(left));
    left = left.subspan(chunks.size());
    std::uint64_t size_bytes = 0;
    for (const Chunk& chunk : chunks)
      size_bytes += chunk.size_bytes;
    encoded.parts.push_back(encode_chunk_part(chunks));
    encoded.part_contents.push_back(sha256(encoded.parts.back()));
    parted.parts.push_back(
        {encoded.part_contents.back(), static_cast<std::uint32_t>(chunks.size()), size_bytes});
  }
  encoded.list = encode_parted_list(parted);
  encoded.content = sha256(encoded.list);
  return encoded;
}

}  // namespace mikura

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

void ContentHasher::update(ByteSpan data) {
  file_.update(data);
  total_bytes_ += data.size();
  while (!data.empty()) {
    const auto room = static_cast<std::size_t>(kMaxBlobBytes - chunk_bytes_);
    const ByteSpan piece = data.first(std::min(room, data.size()));
    chunk_.update(piece);
    chunk_bytes_ += piece.size();
    data = data.subspan(piece.size());
    if (chunk_bytes_ < kMaxBlobBytes) continue;
    chunks_.push_back({chunk_.finish(), static_cast<std::uint32_t>(chunk_bytes_)});
    chunk_ = Sha256();
    chunk_bytes_ = 0;
  }
}

ContentHasher::Outcome ContentHasher::finish() {
  Outcome outcome;
  outcome.sha256 = file_.finish();
  outcome.size_bytes = total_bytes_;
  outcome.content = outcome.sha256;
  if (total_bytes_ <= kMaxBlobBytes) return outcome;
  if (chunk_bytes_ > 0)
    chunks_.push_back({chunk_.finish(), static_cast<std::uint32_t>(chunk_bytes_)});
  outcome.form = ContentForm::chunks;
  outcome.chunks = {outcome.sha256, total_bytes_, std::move(chunks_)};
  outcome.content = sha256(encode_chunk_list(outcome.chunks));
  return outcome;
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

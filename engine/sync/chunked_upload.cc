#include "sync/chunked_upload.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "crypto/hash.h"
#include "sync/chunk_lists.h"
#include "sync/chunk_reader.h"

namespace mikura {
namespace {

constexpr unsigned kMaxSealers = 4;

}  // namespace

// New chunks of one file that will be stored together.
struct ChunkedUpload::Group {
  struct Item {
    Sha256Digest content;
    Bytes data;
  };
  std::vector<Item> items;
  std::uint64_t bytes = 0;
};

Result<bool> ChunkedUpload::run(Entry& entry, const Entry* before, std::stop_token stop) {
  auto file = context_.tree.open_file(entry.path);
  if (file.failed_with(Code::not_found)) return false;
  if (!file) return std::move(file).error();
  const std::uint64_t held = std::min(entry.size_bytes, context_.packs.max_group_bytes);
  TRY_ASSIGN(const auto lease,
             ByteBudget::Lease::take(context_.memory, held * kContentCopies, stop));
  if (before != nullptr) TRY(know_chunks_of(*before, stop));
  ChunkList list;
  Group group;
  TRY_ASSIGN(const bool same, read(entry, **file, list, group, stop));
  TRY_ASSIGN(std::vector<SealedBlob> tail, seal(group, stop));
  // Another file may count on the chunks that this one has claimed: they are stored in any case.
  if (!same) {
    TRY(sender_.leave(std::move(tail), stop));
    return false;
  }
  TRY_ASSIGN(entry.content, store_list(list, std::move(tail), stop));
  entry.form = ContentForm::chunks;
  TRY(keep_chunk_list(context_, entry.path, list));
  return true;
}

// What the version under us references need not be sent. A list that cannot be read only costs
// that.
Result<void> ChunkedUpload::know_chunks_of(const Entry& before, std::stop_token stop) {
  const auto loaded = load_chunk_list(context_, before, stop);
  if (loaded.failed_with(Code::corrupt)) {
    log_info(fmt::format("{}: {}; all of it is sent", before.path, loaded.error().message()));
    return {};
  }
  if (!loaded) return loaded.error();
  for (const Chunk& chunk : loaded->list.chunks)
    claims_.know(chunk.sha256);
  for (const Sha256Digest& part : loaded->parts)
    claims_.know(part);
  return {};
}

// False if the file is not what the scan saw.
Result<bool> ChunkedUpload::read(const Entry& entry, FileReader& file, ChunkList& list,
                                 Group& group, std::stop_token stop) {
  ChunkReader chunks(file, context_.vault->gear(), entry.size_bytes);
  Sha256 whole;
  for (;;) {
    TRY(check_stop(stop));
    TRY_ASSIGN(const ByteSpan data, chunks.next());
    if (data.empty()) break;
    list.size_bytes += data.size();
    if (list.size_bytes > entry.size_bytes) return false;
    whole.update(data);
    list.chunks.push_back({sha256(data), static_cast<std::uint32_t>(data.size())});
    if (claims_.claim(list.chunks.back().sha256))
      TRY(add(group, list.chunks.back().sha256, data, stop));
  }
  list.file_sha256 = whole.finish();
  return list.size_bytes == entry.size_bytes && list.file_sha256 == entry.sha256;
}

Result<void> ChunkedUpload::add(Group& group, const Sha256Digest& content, ByteSpan data,
                                std::stop_token stop) {
  const PackLimits& limits = context_.packs;
  const bool is_full = group.bytes + data.size() > limits.max_group_bytes ||
                       group.items.size() >= limits.max_group_files;
  if (is_full && !group.items.empty()) {
    TRY_ASSIGN(auto sealed, seal(group, stop));
    TRY(sender_.send(std::move(sealed), stop));
  }
  group.bytes += data.size();
  group.items.push_back({content, to_bytes(data)});
  return {};
}

// Empties the group. In no order: neighbours in the file shall not be neighbours in the store.
Result<std::vector<SealedBlob>> ChunkedUpload::seal(Group& group, std::stop_token stop) {
  shuffle(group.items, context_.random);
  std::vector<SealedBlob> sealed(group.items.size());
  TRY(for_each_bounded(sealed.size(), std::min(context_.concurrency, kMaxSealers), stop,
                       [&](std::size_t i, std::stop_token) -> Result<void> {
                         Group::Item& item = group.items[i];
                         sealed[i] = {item.content,
                                      context_.vault->seal_blob(item.content, item.data)};
                         item.data = Bytes();
                         return {};
                       }));
  group = Group();
  return sealed;
}

// Stores the list, its parts together with the last chunks. Returns what an entry names.
Result<Sha256Digest> ChunkedUpload::store_list(const ChunkList& list, std::vector<SealedBlob> tail,
                                               std::stop_token stop) {
  const EncodedChunkList encoded = encode_for_store(list);
  if (!encoded.parts.empty()) context_.vault->require_format(kFormatWithChunkParts);
  for (std::size_t i = 0; i < encoded.parts.size(); ++i) {
    const Sha256Digest& part = encoded.part_contents[i];
    if (claims_.claim(part))
      tail.push_back({part, context_.vault->seal_blob(part, encoded.parts[i])});
  }
  TRY(sender_.leave(std::move(tail), stop));
  if (!claims_.claim(encoded.content)) return encoded.content;
  TRY_ASSIGN(const std::uint64_t sent,
             context_.vault->write_chunk_list(encoded.content, encoded.list, stop));
  ++context_.counts.uploaded_objects;
  context_.counts.uploaded_bytes += sent;
  TRY(checkpoints_.stored(encoded.content, sent, stop));
  return encoded.content;
}

}  // namespace mikura

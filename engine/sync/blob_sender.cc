#include "sync/blob_sender.h"

#include <algorithm>

namespace mikura {
namespace {

std::uint64_t bytes_of(const std::vector<SealedBlob>& blobs) {
  std::uint64_t bytes = 0;
  for (const SealedBlob& blob : blobs)
    bytes += blob.sealed.size();
  return bytes;
}

}  // namespace

Result<void> BlobSender::send(std::vector<SealedBlob> blobs, std::stop_token stop) {
  if (takes_packs_ && blobs.size() >= context_.packs.min_files)
    return send_pack(std::move(blobs), stop);
  return send_alone(std::move(blobs), stop);
}

Result<void> BlobSender::send_pack(std::vector<SealedBlob> blobs, std::stop_token stop) {
  if (blobs.empty()) return {};
  Bytes bytes;
  bytes.reserve(bytes_of(blobs) + kMaxPackDirectoryBytes / 16);
  std::vector<PackEntry> entries;
  for (SealedBlob& blob : blobs) {
    entries.push_back({blob.content, static_cast<std::uint32_t>(bytes.size()),
                       static_cast<std::uint32_t>(blob.sealed.size())});
    append(bytes, blob.sealed);
    blob.sealed = Bytes();
  }
  const std::uint64_t sent = bytes.size();
  TRY_ASSIGN(CatalogPack pack,
             context_.vault->write_pack(std::move(bytes), std::move(entries), stop));
  ++context_.counts.uploaded_objects;
  context_.counts.uploaded_bytes += sent;
  return checkpoints_.stored(std::move(pack), sent, stop);
}

Result<void> BlobSender::send_alone(std::vector<SealedBlob> blobs, std::stop_token stop) {
  return for_each_bounded(
      blobs.size(), context_.concurrency, stop,
      [&](std::size_t i, std::stop_token inner) -> Result<void> {
        const SealedBlob& blob = blobs[i];
        TRY(context_.vault->write_sealed_blob(blob.content, blob.sealed, inner));
        ++context_.counts.uploaded_objects;
        context_.counts.uploaded_bytes += blob.sealed.size();
        return checkpoints_.stored(blob.content, blob.sealed.size(), inner);
      });
}

Result<void> BlobSender::leave(std::vector<SealedBlob> blobs, std::stop_token stop) {
  std::vector<SealedBlob> full;
  const std::uint64_t more = bytes_of(blobs);
  left_.with([&](auto& left) {
    const bool too_much = bytes_of(left) + more > context_.packs.max_group_bytes ||
                          left.size() + blobs.size() > context_.packs.max_group_files;
    if (too_much) full.swap(left);
    std::ranges::move(blobs, std::back_inserter(left));
  });
  if (full.empty()) return {};
  return send(std::move(full), stop);
}

Result<void> BlobSender::finish(std::stop_token stop) {
  std::vector<SealedBlob> left;
  left_.with([&](auto& all) { left.swap(all); });
  if (left.empty()) return {};
  return send(std::move(left), stop);
}

}  // namespace mikura

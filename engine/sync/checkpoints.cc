#include "sync/checkpoints.h"

#include <algorithm>

#include "sync/pending_catalogs.h"

namespace mikura {
namespace {

// How much work a kill may cost: contents are flushed and remembered this often.
constexpr std::size_t kItems = 1024;
constexpr std::uint64_t kBytes = 256ULL << 20;
// Packs more seldom: each time adds a catalog, and HEAD names them all.
constexpr std::size_t kPackedItems = 32'768;
static_assert(kPackedItems + kMaxPackEntries <= kMaxCatalogEntries);

}  // namespace

Result<void> Checkpoints::stored(const Sha256Digest& content, std::uint64_t bytes,
                                 std::stop_token stop) {
  std::vector<Sha256Digest> due;
  pending_.with([&](Pending& pending) {
    pending.contents.push_back(content);
    pending.bytes += bytes;
    if (pending.contents.size() < kItems && pending.bytes < kBytes) return;
    due.swap(pending.contents);
    pending.bytes = 0;
  });
  return write(due, std::move(stop));
}

Result<void> Checkpoints::stored(CatalogPack pack, std::uint64_t bytes, std::stop_token stop) {
  std::vector<CatalogPack> due;
  pending_.with([&](Pending& pending) {
    pending.packed_contents += pack.entries.size();
    pending.packed_bytes += bytes;
    pending.packs.push_back(std::move(pack));
    if (pending.packed_contents < kPackedItems && pending.packed_bytes < kBytes) return;
    due.swap(pending.packs);
    pending.packed_contents = 0;
    pending.packed_bytes = 0;
  });
  return write(std::move(due), std::move(stop));
}

Result<void> Checkpoints::finish(std::stop_token stop) {
  Pending rest;
  pending_.with([&](Pending& pending) { std::swap(rest, pending); });
  TRY(write(rest.contents, stop));
  return write(std::move(rest.packs), stop);
}

Result<void> Checkpoints::write(const std::vector<Sha256Digest>& contents, std::stop_token stop) {
  if (contents.empty()) return {};
  TRY(context_.vault->flush(stop));
  return context_.state.remember_uploads(contents, context_.clock.unix_ms(), gc_epoch_);
}

Result<void> Checkpoints::write(std::vector<CatalogPack> packs, std::stop_token stop) {
  if (packs.empty()) return {};
  std::ranges::sort(packs, {}, &CatalogPack::pack);
  std::vector<Sha256Digest> contents;
  for (const CatalogPack& pack : packs) {
    for (const PackEntry& entry : pack.entries)
      contents.push_back(entry.content);
  }
  TRY(context_.vault->flush(stop));
  TRY_ASSIGN(const std::string name, context_.vault->write_catalog({std::move(packs)}, stop));
  {
    const std::lock_guard lock(*context_.pending_catalogs);
    TRY(add_pending_catalog(context_.state, gc_epoch_, name));
  }
  return context_.state.remember_uploads(contents, context_.clock.unix_ms(), gc_epoch_);
}

}  // namespace mikura

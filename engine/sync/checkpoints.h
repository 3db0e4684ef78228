// Checkpoints: what has been stored and not published yet, made durable and remembered from time to
// time, so that a killed push goes on from there.
//
// Thread-safe. A pack counts only with its catalog, so the order is: contents durable, catalog
// stored, catalog noted as pending, contents remembered.
#pragma once

#include <cstdint>
#include <stop_token>
#include <vector>

#include "base/guarded.h"
#include "sync/context.h"

namespace mikura {

// A stored but unpublished content is trusted to be there still for this long: half the floor of
// clean-up (24 h).
inline constexpr std::int64_t kUploadMemoryMs = 12LL * 3600 * 1000;

class Checkpoints {
 public:
  Checkpoints(const SyncContext& context, std::uint64_t gc_epoch)
      : context_(context), gc_epoch_(gc_epoch) {}

  // A content was stored as an object of its own.
  Result<void> stored(const Sha256Digest& content, std::uint64_t bytes, std::stop_token stop);
  // A pack was stored.
  Result<void> stored(CatalogPack pack, std::uint64_t bytes, std::stop_token stop);
  // All that is left.
  Result<void> finish(std::stop_token stop);

 private:
  struct Pending {
    std::vector<Sha256Digest> contents;
    std::uint64_t bytes = 0;
    std::vector<CatalogPack> packs;
    std::size_t packed_contents = 0;
    std::uint64_t packed_bytes = 0;
  };

  Result<void> write(const std::vector<Sha256Digest>& contents, std::stop_token stop);
  Result<void> write(std::vector<CatalogPack> packs, std::stop_token stop);

  const SyncContext& context_;
  const std::uint64_t gc_epoch_;
  Guarded<Pending> pending_;
};

}  // namespace mikura

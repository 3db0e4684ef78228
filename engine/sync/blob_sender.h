// BlobSender: sealed blobs on their way into the store: many together as packs, a handful as
// objects of their own.
//
// Thread-safe. Everything that was given is stored, and its checkpoint is due, when finish()
// returns. Memory: one group of blobs for each caller, and one that waits.
#pragma once

#include <stop_token>
#include <vector>

#include "base/guarded.h"
#include "sync/checkpoints.h"
#include "sync/context.h"

namespace mikura {

struct SealedBlob {
  Sha256Digest content;
  Bytes sealed;
};

class BlobSender {
 public:
  // `takes_packs`: false if the repository had better get no more of them.
  BlobSender(const SyncContext& context, Checkpoints& checkpoints, bool takes_packs)
      : context_(context), checkpoints_(checkpoints), takes_packs_(takes_packs) {}

  // Stores them now: enough for a pack of their own.
  Result<void> send(std::vector<SealedBlob> blobs, std::stop_token stop);
  // Stores them now, whatever their number, as one pack.
  Result<void> send_pack(std::vector<SealedBlob> blobs, std::stop_token stop);
  // Stores them as objects of their own.
  Result<void> send_alone(std::vector<SealedBlob> blobs, std::stop_token stop);
  // Stores them some time, together with what others have left over; they stay neighbours.
  Result<void> leave(std::vector<SealedBlob> blobs, std::stop_token stop);
  // What was left.
  Result<void> finish(std::stop_token stop);

 private:
  const SyncContext& context_;
  Checkpoints& checkpoints_;
  const bool takes_packs_;
  Guarded<std::vector<SealedBlob>> left_;
};

// So that the order in a pack does not tell which blob is which (Fisher and Yates).
template <class T>
void shuffle(std::vector<T>& items, Random& random) {
  std::vector<std::uint32_t> draws(items.size());
  random.fill(std::as_writable_bytes(std::span(draws)));
  for (std::size_t i = items.size(); i > 1; --i)
    std::swap(items[i - 1], items[draws[i - 1] % i]);
}

}  // namespace mikura

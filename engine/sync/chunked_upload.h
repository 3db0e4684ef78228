// Storing a large file of the working tree: read once; cut, hashed and compared on the way; only
// what the repository lacks of it is sent.
#pragma once

#include <stop_token>
#include <vector>

#include "sync/blob_sender.h"
#include "sync/claims.h"
#include "sync/context.h"

namespace mikura {

class ChunkedUpload {
 public:
  // All must outlive it. Thread-safe: several files at once.
  ChunkedUpload(const SyncContext& context, Claims& claims, BlobSender& sender,
                Checkpoints& checkpoints)
      : context_(context), claims_(claims), sender_(sender), checkpoints_(checkpoints) {}

  // Stores the content of `entry` and says in it how (form, content). False if the file is not
  // what the scan saw any more. `before`: an entry of the version that we build on, of which the
  // file may be an edit; may be null.
  Result<bool> run(Entry& entry, const Entry* before, std::stop_token stop);

 private:
  struct Group;
  Result<void> know_chunks_of(const Entry& before, std::stop_token stop);
  Result<bool> read(const Entry& entry, FileReader& file, ChunkList& list, Group& group,
                    std::stop_token stop);
  Result<void> add(Group& group, const Sha256Digest& content, ByteSpan data, std::stop_token stop);
  Result<std::vector<SealedBlob>> seal(Group& group, std::stop_token stop);
  Result<Sha256Digest> store_list(const ChunkList& list, std::vector<SealedBlob> tail,
                                  std::stop_token stop);

  const SyncContext& context_;
  Claims& claims_;
  BlobSender& sender_;
  Checkpoints& checkpoints_;
};

}  // namespace mikura

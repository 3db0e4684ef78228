// ClientMemory: what this client has already seen of a repository, kept outside every workspace, so
// that a store which goes back in time is noticed (threat model, "Rollback"; notes: check first,
// persist after).
//
// One file per repository, authenticated with a key derived from the keyring: a store cannot write
// it, and a stray edit is noticed. Several processes of one client share it: updates are serialised
// by a lock file and only ever move forward. Thread-safe between processes; one thread per object.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "crypto/secret_key.h"
#include "crypto/uuid.h"
#include "format/head.h"

namespace mikura {

struct LastSeen {
  std::uint32_t key_epoch = 0;
  std::uint64_t generation = 0;
  VersionId version;
  Sha256Digest index_sha256;
  Sha256Digest log_hash;
};

class ClientMemory {
 public:
  // `folder` is $client_folder/repositories/<id>; made on the first write.
  ClientMemory(std::string folder, const RepositoryId& repository, const NameKey& key);

  // nullopt on first use. Code::corrupt, naming the file, if it is damaged.
  Result<std::optional<LastSeen>> load() const;
  // Records `seen` unless something newer is already recorded.
  Result<void> advance(const LastSeen& seen) const;

  const std::string& file() const { return file_; }

 private:
  Bytes encode(const LastSeen& seen) const;

  std::string folder_;
  std::string file_;
  RepositoryId repository_;
  ByteArray<32> mac_key_;
};

}  // namespace mikura

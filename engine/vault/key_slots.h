// Finding and opening the key slots of a repository. Internal to vault/.
#pragma once

#include <stop_token>
#include <vector>

#include "base/result.h"
#include "format/keyring.h"
#include "format/repository.h"
#include "store/blob_store.h"
#include "vault/vault.h"

namespace mikura {

struct StoredSlot {
  std::string name;
  Bytes bytes;
};

struct OpenedKeys {
  Keyring keyring;
  std::string slot_name;
  Bytes slot;
};

// The object `repository`, and what it says. Code::not_found, with a hint to check the address, if
// there is none.
Result<Bytes> fetch_repository(BlobStore& store, std::stop_token stop);
Result<std::vector<StoredSlot>> fetch_slots(BlobStore& store, std::stop_token stop);
KeyKinds kinds_of(const std::vector<StoredSlot>& slots);

// Opens the first slot that `key` fits, and checks that the keyring belongs to exactly this
// `repository` object.
Result<OpenedKeys> open_slots(const std::vector<StoredSlot>& slots, const RepositoryConfig& config,
                              ByteSpan repository, const KeySource& key);

}  // namespace mikura

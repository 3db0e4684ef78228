// What a store says about the repository in it, to somebody without a key. Thread-safe.
#pragma once

#include <optional>
#include <stop_token>

#include "base/result.h"
#include "format/repository.h"
#include "store/blob_store.h"
#include "vault/vault.h"

namespace mikura {

// Nothing of it is authenticated: it tells a person what is there, and no more.
struct RepositorySummary {
  RepositoryConfig config;
  KeyKinds kinds;
};

// nullopt if there is no repository.
Result<std::optional<RepositorySummary>> inspect_repository(BlobStore& store, std::stop_token stop);

}  // namespace mikura

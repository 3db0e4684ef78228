// What the doctor finds out about a store: credentials, permissions, capabilities. Internal to
// session/.
//
// find_permissions makes requests; the others are pure.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "crypto/random.h"
#include "format/repository.h"
#include "session/types.h"
#include "store/blob_store.h"

namespace mikura {

// What these credentials may do. Where they may not, `missing` says it in the store's words.
struct StorePermissions {
  bool list = false;
  bool write = false;
  bool remove = false;
  std::vector<std::string> missing;
};

// Lists keys/, and writes and removes one object of a few bytes under probe/.
StorePermissions find_permissions(BlobStore& store, Random& random, const std::stop_token& stop);

DoctorCheck permissions_check(const StorePermissions& may);
DoctorCheck credentials_check(const CredentialReport& report, Clock& clock);
// store.conditional_writes and store.conditional_delete: what was found, against what the
// repository relies on.
std::vector<DoctorCheck> capability_checks(const StoreCapabilities& found,
                                           const RepositoryConfig& config,
                                           const StorePermissions& may);

}  // namespace mikura

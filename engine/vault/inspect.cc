#include "vault/inspect.h"

#include "vault/key_slots.h"

namespace mikura {

Result<std::optional<RepositorySummary>> inspect_repository(BlobStore& store,
                                                            std::stop_token stop) {
  // Not fetch_repository(): a bucket that is missing is also "not found", but an error, and only
  // the store's own words tell the two apart.
  TRY_ASSIGN(const ListPage page, store.list(kRepositoryName, "", stop));
  bool there = false;
  for (const ListedBlob& blob : page.blobs)
    there = there || blob.name == kRepositoryName;
  if (!there) return std::optional<RepositorySummary>();
  TRY_ASSIGN(const Bytes object, fetch_repository(store, stop));
  RepositorySummary summary;
  TRY_ASSIGN(summary.config, decode_repository(object));
  TRY_ASSIGN(const auto slots, fetch_slots(store, stop));
  summary.kinds = kinds_of(slots);
  return std::optional<RepositorySummary>(summary);
}

}  // namespace mikura

// A BlobStore that tries again what failed with Code::transient.
//
// Every request may be repeated: objects are named by what they hold, and whoever makes a
// conditional put finds out by reading who won when the answer was lost (already_exists and
// conflict may then be the caller's own doing). How often and when is store/retry_policy.h; a
// server's wish travels as Error::retry_after(). Thread-safe. Sleeping ends when a stop is
// requested: Code::cancelled.
#pragma once

#include <cstdint>
#include <memory>

#include "base/clock.h"
#include "store/blob_store.h"
#include "store/retry_policy.h"

namespace mikura {

struct RetryingOptions {
  RetryPolicy policy;
  Clock* clock = nullptr;  // system_clock() if null; must outlive the store
  std::uint64_t seed = 0;  // of the jitter: different in each process
};

std::unique_ptr<BlobStore> make_retrying_store(std::unique_ptr<BlobStore> inner,
                                               const RetryingOptions& options);

}  // namespace mikura

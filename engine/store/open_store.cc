#include "store/open_store.h"

#include <algorithm>
#include <utility>

#include "crypto/random.h"
#include "store/dir_store.h"
#include "store/limiting_store.h"
#include "store/retrying_store.h"
#include "store/s3_store.h"
#include "store/tracing_store.h"

namespace mikura {
namespace {

std::uint64_t random_seed() {
  ByteArray<sizeof(std::uint64_t)> bytes;
  system_random().fill(bytes);
  std::uint64_t seed = 0;
  for (const std::byte b : bytes)
    seed = seed << 8 | std::to_integer<std::uint64_t>(b);
  return seed;
}

// The trace lies outermost: one line for what the caller asked, however often it was tried. The
// retries lie outside the limit: a caller that sleeps holds no turn.
Result<std::unique_ptr<BlobStore>> open_s3(const StoreUrl& url, const OpenStoreOptions& options,
                                           Clock& clock) {
  S3StoreOptions s3;
  s3.clock = &clock;
  s3.mfa = options.mfa;
  s3.mfa_sessions = options.mfa_sessions;
  s3.on_credentials = options.on_credentials;
  // Sent, because the probe of a new repository must see what the server does; later callers go by
  // what it found.
  s3.conditional_remove = ConditionalRemove::send;
  TRY_ASSIGN(std::unique_ptr<BlobStore> store, open_s3_store(url, std::move(s3)));
  store = make_limiting_store(std::move(store), std::max(options.max_concurrent_requests, 1U));
  return make_retrying_store(std::move(store),
                             {.policy = {}, .clock = &clock, .seed = random_seed()});
}

}  // namespace

Result<std::unique_ptr<BlobStore>> open_store(const StoreUrl& url, OpenStoreOptions options) {
  Clock& clock = options.clock != nullptr ? *options.clock : system_clock();
  std::unique_ptr<BlobStore> store;
  switch (url.scheme) {
    case StoreUrl::Scheme::file: {
      TRY_ASSIGN(store, open_dir_store(url.path, {.create = options.create_directory}));
      break;
    }
    case StoreUrl::Scheme::s3: {
      TRY_ASSIGN(store, open_s3(url, options, clock));
      break;
    }
  }
  if (options.trace) store = make_tracing_store(std::move(store), std::move(options.trace), clock);
  return store;
}

}  // namespace mikura

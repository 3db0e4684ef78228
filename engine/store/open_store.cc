#include "store/open_store.h"

#include <span>
#include <utility>

#include "crypto/random.h"
#include "store/dir_store.h"
#include "store/limiting_store.h"
#include "store/retrying_store.h"
#include "store/s3_store.h"
#include "store/tracing_store.h"

namespace mikura {

Result<std::unique_ptr<BlobStore>> open_store(const StoreUrl& url, OpenStoreOptions options) {
  Clock& clock = options.clock != nullptr ? *options.clock : system_clock();
  std::unique_ptr<BlobStore> store;
  switch (url.scheme) {
    case StoreUrl::Scheme::file: {
      TRY_ASSIGN(store, open_dir_store(url.path, {.create = options.create_directory}));
      break;
    }
    case StoreUrl::Scheme::s3: {
      S3StoreOptions s3;
      s3.clock = &clock;
      TRY_ASSIGN(store, open_s3_store(url, std::move(s3)));
      store = make_limiting_store(std::move(store), options.max_concurrent_requests);
      RetryingOptions retrying;
      retrying.clock = &clock;
      system_random().fill(std::as_writable_bytes(std::span(&retrying.seed, 1)));
      store = make_retrying_store(std::move(store), retrying);
      break;
    }
  }
  if (options.trace) store = make_tracing_store(std::move(store), std::move(options.trace), clock);
  return store;
}

}  // namespace mikura

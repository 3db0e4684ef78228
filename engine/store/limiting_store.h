// A BlobStore that lets at most so many requests run at a time; the others wait for their turn.
//
// Thread-safe. Waiting ends when a stop is requested: Code::cancelled. A caller that sleeps between
// two attempts holds no turn if the retrying store lies outside: retry(limit(store)).
#pragma once

#include <memory>

#include "store/blob_store.h"

namespace mikura {

std::unique_ptr<BlobStore> make_limiting_store(std::unique_ptr<BlobStore> inner,
                                               unsigned max_concurrent_requests);

}  // namespace mikura

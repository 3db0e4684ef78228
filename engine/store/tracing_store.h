// A BlobStore that tells a StoreTrace of every request after it has ended: for --verbose,
// statistics and tests.
//
// Thread-safe; the trace is called from the caller's thread, possibly from several at once.
#pragma once

#include <memory>

#include "base/clock.h"
#include "store/blob_store.h"
#include "store/open_store.h"

namespace mikura {

// `clock` must outlive the store; `trace` must not be empty.
std::unique_ptr<BlobStore> make_tracing_store(std::unique_ptr<BlobStore> inner, StoreTrace trace,
                                              Clock& clock);

}  // namespace mikura

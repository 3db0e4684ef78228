// The probe: finds out what a store really does with conditional writes (design §2, notes on
// servers that ignore the headers).
//
// Races conditional writes on scratch names under "probe/" and removes them again: one winner of
// each race, no increment of a counter lost, and never two contents with one etag (there are
// servers that keep an object and its etag in two places). Makes some ninety small requests.
#pragma once

#include <stop_token>

#include "base/result.h"
#include "crypto/random.h"
#include "format/repository.h"
#include "store/blob_store.h"

namespace mikura {

Result<StoreCapabilities> probe_store(BlobStore& store, Random& random, std::stop_token stop);

}  // namespace mikura

// Random: cryptographically secure bytes, behind a seam so that tests can be deterministic.
//
// system_random() draws from OpenSSL's DRBG through a small per-thread pool (a call costs more than
// the bytes) and notices fork(): a child never repeats its parent's bytes. Thread-safe.
#pragma once

#include "base/bytes.h"
#include "base/id.h"

namespace mikura {

class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(MutableByteSpan out) = 0;

  template <class IdType>
  IdType make_id() {
    IdType id;
    fill(id.mutable_bytes());
    return id;
  }
};

Random& system_random();

}  // namespace mikura

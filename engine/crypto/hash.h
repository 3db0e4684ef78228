// SHA-256 (FIPS 180-4), HMAC-SHA-256 (RFC 2104) and HKDF-SHA-256 (RFC 5869), over OpenSSL EVP.
//
// Algorithms are fetched once per process; contexts live one per thread. Functions may be called
// from any thread. A failure inside OpenSSL on these paths is out of memory or a broken library:
// CHECK aborts.
#pragma once

#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/id.h"

namespace mikura {

Sha256Digest sha256(ByteSpan data);

// Incremental SHA-256. One thread at a time.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(ByteSpan data);
  // Ends the computation; the object must not be used again but to be assigned or destroyed.
  Sha256Digest finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

// HMAC-SHA-256 with a key of any length, 32 bytes out.
ByteArray<32> hmac_sha256(ByteSpan key, ByteSpan data);

// HKDF-Extract: HMAC(salt, input_key). An empty salt means 32 zero bytes (RFC 5869, 2.2).
ByteArray<32> hkdf_extract(ByteSpan salt, ByteSpan input_key);

// HKDF-Expand into `out`, at most 255 * 32 bytes. `key` is a pseudorandom key of 32 bytes.
void hkdf_expand(ByteSpan key, ByteSpan info, MutableByteSpan out);

// SHA-1 in hexadecimal, for one thing only: to find files that other programs name by it. It
// protects nothing.
std::string sha1_hex_for_file_name(ByteSpan data);

// Compares in time that depends only on the length. False if the lengths differ.
bool equal_constant_time(ByteSpan a, ByteSpan b);

}  // namespace mikura

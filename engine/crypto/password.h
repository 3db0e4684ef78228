// Argon2id (RFC 9106), over libsodium: turns a passphrase into a key.
//
// Parameters are read from the store, so they are clamped before any memory is allocated.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/secret_key.h"

namespace mikura {

struct PasswordParameters {
  std::uint32_t memory_kib = 256 * 1024;
  std::uint32_t passes = 3;
  ByteArray<16> salt{};
  // Lanes are fixed to 1 (libsodium).
};

// Accepted: 64 MiB <= memory <= 1 GiB, 1 <= passes <= 10. Code::corrupt otherwise.
Result<void> check_password_parameters(const PasswordParameters& parameters);

// Derives 32 bytes. Checks the parameters first. Takes about a second and `memory_kib` of memory;
// Code::full if that cannot be had.
Result<UserKey> derive_from_password(const SecretBytes& passphrase,
                                     const PasswordParameters& parameters);

}  // namespace mikura

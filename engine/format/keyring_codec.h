// The keyring's plaintext encoding (docs/format.md, "Keyring"). Internal to format/: it exists
// unsealed only in memory that is wiped. Pure.
#pragma once

#include "base/result.h"
#include "crypto/secret_key.h"
#include "format/keyring.h"

namespace mikura {

inline constexpr std::size_t kMaxEpochs = 1024;
inline constexpr std::size_t kMaxKeyringBytes = 64 * 1024;

SecretBytes encode_keyring(const Keyring& keyring);
// Code::corrupt, Code::unsupported for a newer format. The caller wipes `bytes`.
Result<Keyring> decode_keyring(ByteSpan bytes);

}  // namespace mikura

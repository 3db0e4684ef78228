// The text form of a user key: "MIKURA-KEY-1" and 58 Bech32 characters, upper case, with checksum.
//
// Thread-safe. Errors never contain any part of the key.
#pragma once

#include <string_view>

#include "base/result.h"
#include "crypto/random.h"
#include "crypto/secret_key.h"

namespace mikura {

UserKey generate_user_key(Random& random);

// Text without a line break. Secret: it lives in SecretBytes.
SecretBytes format_user_key(const UserKey& key);

// Accepts surrounding white space, lines that start with '#', and either case.
// Code::invalid, with what to check, if the text is not one key.
Result<UserKey> parse_user_key(ByteSpan text);

}  // namespace mikura

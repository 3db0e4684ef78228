// Bech32 (BIP 173) without its length limit, as age uses it for keys.
//
// Pure text coding: no secrets are printed in errors. Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace mikura {

// Lower-case encoding of `data` under the human-readable part `prefix` (lower case).
std::string bech32_encode(std::string_view prefix, ByteSpan data);

// Decodes text whose human-readable part is `prefix`; all-lower or all-upper case. Code::invalid,
// without echoing the text, if the prefix, a character, the padding or the checksum is wrong.
Result<Bytes> bech32_decode(std::string_view prefix, std::string_view text);

}  // namespace mikura

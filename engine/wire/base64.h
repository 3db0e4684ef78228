// Base64 (RFC 4648, section 4): bytes inside a JSON document. Pure.
#pragma once

#include <string>

#include "base/bytes.h"

namespace mikura {

std::string to_base64(ByteSpan bytes);

}  // namespace mikura

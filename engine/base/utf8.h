// UTF-8: validation, and cutting at a character boundary. RFC 3629.
#pragma once

#include <cstddef>
#include <string_view>

namespace mikura {

// True if `text` is well-formed UTF-8: no overlong forms, surrogates or values above U+10FFFF.
bool is_valid_utf8(std::string_view text);

// The longest prefix of valid UTF-8 `text` of at most `max_bytes` that does not split a character.
std::string_view utf8_prefix(std::string_view text, std::size_t max_bytes);

}  // namespace mikura

// Json: the document type of the front ends, written and read by them only.
//
// Members keep the order in which they were set. Thread-safety: plain values; the functions are
// pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mikura {

using Json = nlohmann::ordered_json;

// What is read may be nested so deeply and no more: whoever walks a document may recurse.
inline constexpr std::size_t kMaxJsonDepth = 64;

// For people and scripts: indented. Names are UTF-8; whatever else might slip in is replaced.
std::string json_text(const Json& document);
// The same on one line.
std::string json_line(const Json& document);

// Untrusted text. Code::invalid if it is not one JSON document in UTF-8, or nested too deeply. The
// caller bounds its size.
Result<Json> parse_json(std::string_view text);

}  // namespace mikura

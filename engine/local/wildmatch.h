// Wildmatch: the patterns of gitignore(5), matched exactly as git does with WM_PATHNAME.
//
// '?' and '*' stand for anything but '/'; "**" between slashes or at an end stands for whole
// folders; "[a-z]", "[!a]", "[^a]" and
// "[[:alpha:]]" for one character, never '/'; a backslash takes the special meaning away. Bytes, no
// locale. Pure; thread-safe. Never exponential: at worst folders * text * pattern steps.
#pragma once

#include <cstdint>
#include <string_view>

namespace mikura {

bool wildmatch_path(std::string_view pattern, std::string_view text);

// The same, and adds the steps it took to `steps`: how tests see the bound without a clock.
bool wildmatch_path_counting(std::string_view pattern, std::string_view text, std::uint64_t& steps);

// The part of a pattern before its first special character: it stands for itself.
std::string_view literal_prefix(std::string_view pattern);

}  // namespace mikura

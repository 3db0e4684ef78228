// Paths as an index holds them, and the rules that keep a hostile one harmless.
//
// A path is relative to the workspace root, '/'-separated, UTF-8, compared bytewise. Pure;
// thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mikura {

inline constexpr std::size_t kMaxPathBytes = 4096;
inline constexpr std::size_t kMaxComponentBytes = 255;

// Code::corrupt unless: 1..kMaxPathBytes bytes of valid UTF-8; no NUL; every component 1..255
// bytes, not "." or ".."; no component ".git" and no first component ".mikura" in any ASCII case;
// no conflict copy and no leading or trailing '/'.
Result<void> validate_path(std::string_view path);
// The same rules for one component.
Result<void> validate_component(std::string_view component, bool is_top_level);

// Why another platform (Windows, macOS) could not hold this component, as a short phrase for
// people: "reserved name on Windows", "trailing dot", "contains ':'", ... nullopt if all can.
// Reported, not refused.
std::optional<std::string> portability_problem(std::string_view component);

std::string_view parent_path(std::string_view path);  // "" for a top-level path
std::string_view file_name(std::string_view path);
// True if `path` is `folder` or lies beneath it. Every path lies beneath "".
bool is_within(std::string_view path, std::string_view folder);
// a < b in index order: bytewise on the whole path.

// Conflict copies (M4.2): "conflict-YYYYMMDD.HHmmss.<name>", with ".N" after the time if the name
// is taken: "conflict-20260102.030405.2.<name>". Never synced.
bool is_conflict_copy_name(std::string_view component);
// The copy's name for `name`; `name` is cut at a character boundary, keeping its extension, to fit
// kMaxComponentBytes. `local_time` is "YYYYMMDD.HHmmss"; counter 1 adds nothing.
std::string conflict_copy_name(std::string_view name, std::string_view local_time,
                               unsigned counter);

// What a conflict copy is called once it is kept, and synced: "<stem> (<who>, <local_time>).<ext>",
// with ", N" after the time if counter > 1. `who` may be empty or hold anything; what a name cannot
// hold on some platform is left out. `name` is cut as for a conflict copy.
std::string kept_copy_name(std::string_view name, std::string_view who, std::string_view local_time,
                           unsigned counter);

}  // namespace mikura

// Trees and plans as short texts, for the tests of merge/.
//
// A tree: "src/ src/a.c=1 run=x:755 link->target old=2~7": folders end in '/', a file has '=' and
// its content (up to 32 bytes), a symlink '->' and its target; then optionally ':' and the mode in
// octal, '~' and the modification time. Folders that are only part of a path need not be written.
// Thread-safety: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "format/entry.h"
#include "merge/plan.h"

namespace mikura {

Entry file_entry(std::string path, std::string_view content);
Entry directory_entry(std::string path);
Entry symlink_entry(std::string path, std::string_view target);

std::vector<Entry> parse_tree(std::string_view text);

// The inverse, with every folder; modes and times only where they are not the usual ones.
std::string to_text(const Entry& entry);
std::string to_text(const std::vector<Entry>& entries);

// "replace local a, add remote b, conflict c": in path order.
std::string to_text(const Plan& plan);

}  // namespace mikura

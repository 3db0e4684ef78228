// A patch as `git apply` and `patch` understand it: one file's part of it, and its figures. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "session/types.h"

namespace mikura {

// What is compared of one side of a file: its bytes (a symlink's are its target); nullopt if they
// are too large to be compared line by line.
using PatchContent = std::optional<Bytes>;

// "diff --git", modes, renames, "---", "+++" and hunks. An entry that is a folder on either side,
// or changes its kind, must have been split before (split_for_patch).
std::string patch_text(const DiffEntry& entry, const PatchContent& before,
                       const PatchContent& after);

struct LineCounts {
  std::uint64_t added = 0;
  std::uint64_t removed = 0;
  bool binary = false;  // then the others are zero
};
LineCounts count_lines(const PatchContent& before, const PatchContent& after);

// A file that became something else is removed and added, as in git.
std::vector<DiffEntry> split_for_patch(const DiffEntry& entry);

// A, D, M, R, or T for another kind.
char letter_of(const DiffEntry& entry);

}  // namespace mikura

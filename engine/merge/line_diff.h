// Which lines changed between two texts: the ground of a three-way merge.
//
// Finds the very changes that `git diff` finds without options for moving them about (its results
// differ from a plain shortest edit script where many lines are alike or the texts are far apart),
// because a merge shall come out as `git merge-file` makes it. Pure; thread-safe. Time and memory
// are bounded: beyond a cost that grows with the square root of the size the search settles for a
// good split instead of the best.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace mikura {

// The lines of a text, each with its end of line; the last one may lack it. Views into `text`.
std::vector<std::string_view> split_lines(std::string_view text);

// A maximal run of lines that differ: `before_count` lines at `before_begin` became `after_count`
// lines at `after_begin`.
struct LineChange {
  std::int64_t before_begin = 0, before_count = 0;
  std::int64_t after_begin = 0, after_count = 0;
};

// Ascending; between two changes lies at least one equal line.
std::vector<LineChange> changed_lines(const std::vector<std::string_view>& before,
                                      const std::vector<std::string_view>& after);

}  // namespace mikura

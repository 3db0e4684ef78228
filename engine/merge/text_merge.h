// A three-way merge of texts, line by line, with the results of `git merge-file` (checked against
// it on many random texts: text_merge_git_test.cc).
//
// Pure; thread-safe. What only one side changed is taken; what both changed alike is taken once;
// where both changed the same lines differently there is a conflict, marked in the text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mikura {

enum class MarkerStyle : std::uint8_t {
  both,       // the two sides of a conflict, cut down to the lines in which they differ
  with_base,  // also what both come from ("diff3"); as neither side is cut, it says where it begins
};

struct MergeTexts {
  std::string_view base, local, remote;
};

// What the markers are called.
struct MergeLabels {
  std::string_view local, base, remote;
};

struct MergedText {
  std::string text;
  std::uint64_t conflicts = 0;  // 0: a clean merge
};

MergedText merge_texts(const MergeTexts& texts, MarkerStyle style, const MergeLabels& labels);

}  // namespace mikura

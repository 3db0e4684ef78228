// [A [B]] [PATH...]: which words of `mikura diff` are versions and which are paths.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cli/invocation.h"

namespace mikura {

struct DiffSides {
  DiffSide before;
  DiffSide after;
  std::vector<std::string> paths;  // index paths
};

// Words after "--" are paths. Of those before it, the first one or two that look like versions and
// name one are versions, the rest are paths, which must exist on one of the sides. A word that is
// both a version and a file is refused, with what to write instead. Without a version, `before` is
// the last sync and `after` the folder.
Result<DiffSides> understand_diff_words(Session& session, const Invocation& invocation,
                                        const std::vector<std::string>& words);

// HEAD, HEAD~N, base, or at least 4 characters of an id.
bool looks_like_version(std::string_view word);

}  // namespace mikura

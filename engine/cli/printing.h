// What several verbs print for people: actions, conflicts, problems.
#pragma once

#include <vector>

#include "cli/invocation.h"

namespace mikura {

// "  A  path", "  M  path", "  D  path", "  R  old -> new", "  C  path": at most 50 lines, then "... and N more".
void print_actions(Invocation& invocation, const std::vector<SyncAction>& actions);
void print_conflicts(Invocation& invocation, const std::vector<ConflictInfo>& conflicts);
void print_problems(Invocation& invocation, const std::vector<ScanProblem>& problems);

// Paths as typed on the command line, turned into index paths.
Result<std::vector<std::string>> index_paths(Session& session, const std::vector<std::string>& typed, const std::string& from);

}  // namespace mikura

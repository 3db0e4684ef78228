// What several verbs print for people: actions, conflicts, remarks, versions.
//
// A list that is long is cut only on a terminal: whoever reads a pipe gets everything.
#pragma once

#include <string>
#include <vector>

#include "cli/invocation.h"

namespace mikura {

// "  A  path", "  M  path", "  D  path", "  R  old -> new", "  C  path", "  t  path" (time only).
std::vector<std::string> action_lines(const Invocation& invocation,
                                      const std::vector<SyncAction>& actions);

// show_: asked for. say_: told along the way, so --quiet leaves it out.
void show_actions(Invocation& invocation, const std::vector<SyncAction>& actions);
void say_actions(Invocation& invocation, const std::vector<SyncAction>& actions);
void show_conflicts(Invocation& invocation, const std::vector<ConflictInfo>& conflicts);
void say_conflicts(Invocation& invocation, const std::vector<ConflictInfo>& conflicts);
void show_problems(Invocation& invocation, const std::vector<ScanProblem>& problems);
void say_problems(Invocation& invocation, const std::vector<ScanProblem>& problems);

// After a guard stopped a run: what it would have done, so that the user can decide. `preview` is
// the report of a dry run; without one there is nothing to show.
void explain_refusal(Invocation& invocation, const std::vector<SyncAction>& actions);
template <class Report>
void explain_refusal(Invocation& invocation, const Result<Report>& preview) {
  if (preview) explain_refusal(invocation, preview->actions);
}

// "1a2b3c4d  2026-01-02 03:04:05  user@host  (+1 ~2 -3)  message".
std::string version_line(const Output& out, const VersionInfo& info);

}  // namespace mikura

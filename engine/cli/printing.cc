#include "cli/printing.h"

#include <filesystem>

#include "cli/messages.h"
#include "cli/text.h"

namespace mikura {
namespace {

constexpr std::size_t kMaxLines = 50;

char letter_of(const SyncAction& action) {
  if (!action.renamed_from.empty()) return 'R';
  switch (action.kind) {
    case SyncAction::Kind::download_new:
    case SyncAction::Kind::upload_new: return 'A';
    case SyncAction::Kind::download_changed:
    case SyncAction::Kind::upload_changed: return 'M';
    case SyncAction::Kind::delete_local:
    case SyncAction::Kind::delete_remote: return 'D';
    case SyncAction::Kind::metadata_local: return 't';
    case SyncAction::Kind::conflict: return 'C';
  }
  return '?';
}

}  // namespace

void print_actions(Invocation& invocation, const std::vector<SyncAction>& actions) {
  for (std::size_t i = 0; i < actions.size(); ++i) {
    if (i == kMaxLines) {
      invocation.say(fmt::format("  … +{}", actions.size() - kMaxLines));
      return;
    }
    const SyncAction& action = actions[i];
    const std::string from = action.renamed_from.empty() ? "" : safe(action.renamed_from) + " -> ";
    const bool is_folder = action.entry_kind == EntryKind::directory;
    invocation.say(fmt::format("  {}  {}{}{}", letter_of(action), from, safe(action.path), is_folder ? "/" : ""));
  }
}

void print_conflicts(Invocation& invocation, const std::vector<ConflictInfo>& conflicts) {
  if (conflicts.empty()) return;
  invocation.say(tr("conflicts.some", conflicts.size()));
  for (const ConflictInfo& conflict : conflicts) {
    invocation.say(tr("conflicts.line", safe(conflict.path), conflict.copy_path.empty() ? tr("conflicts.not_here") : safe(conflict.copy_path)));
  }
  invocation.say(tr("conflicts.help"));
}

void print_problems(Invocation& invocation, const std::vector<ScanProblem>& problems) {
  if (problems.empty()) return;
  invocation.say(tr("problems.some", problems.size()));
  for (std::size_t i = 0; i < problems.size(); ++i) {
    if (i == kMaxLines) {
      invocation.say(fmt::format("  … +{}", problems.size() - kMaxLines));
      return;
    }
    invocation.say(fmt::format("  !  {}: {}", safe(problems[i].path), safe(problems[i].reason)));
  }
}

Result<std::vector<std::string>> index_paths(Session& session, const std::vector<std::string>& typed, const std::string& from) {
  std::vector<std::string> paths;
  for (const std::string& path : typed) {
    TRY_ASSIGN(std::string index_path, session.to_index_path(path, std::filesystem::canonical(from).string()));
    // The workspace itself: everything.
    if (index_path.empty()) return std::vector<std::string>();
    paths.push_back(std::move(index_path));
  }
  return paths;
}

}  // namespace mikura

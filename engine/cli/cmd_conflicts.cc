#include <memory>

#include "cli/commands.h"
#include "cli/json_reports.h"
#include "cli/messages.h"
#include "cli/printing.h"
#include "cli/text.h"

namespace mikura {
namespace {

struct ResolveOptions {
  std::vector<std::string> paths;
  bool all = false;
  bool keep_local = false;
  bool take_remote = false;
};

Result<Exit> conflicts(Invocation& invocation) {
  TRY_ASSIGN(const auto session, invocation.session());
  TRY_ASSIGN(const std::vector<ConflictInfo> found, session->conflicts());
  if (found.empty()) invocation.say(tr("conflicts.none"));
  print_conflicts(invocation, found);
  invocation.document({{"conflicts", to_json_list(found)}});
  return found.empty() ? Exit::done : Exit::conflicts;
}

Result<Exit> resolve(Invocation& invocation, const ResolveOptions& options) {
  if (options.keep_local == options.take_remote) {
    return Error(Code::invalid, "say which side to keep").with_hint("Add either --keep-local or --take-remote.");
  }
  if (options.all != options.paths.empty()) {
    return Error(Code::invalid, "say what to resolve").with_hint("Name the paths, or use --all.");
  }
  const Resolution resolution = options.keep_local ? Resolution::keep_local : Resolution::take_remote;
  TRY_ASSIGN(const auto session, invocation.session());
  std::vector<std::string> paths;
  if (options.all) {
    TRY_ASSIGN(const std::vector<ConflictInfo> found, session->conflicts());
    for (const ConflictInfo& conflict : found) paths.push_back(conflict.path);
  } else {
    TRY_ASSIGN(paths, index_paths(*session, options.paths, invocation.global.folder));
  }
  Json resolved = Json::array();
  for (const std::string& path : paths) {
    TRY_ASSIGN(const ResolveReport report, session->resolve(path, resolution, invocation.stop()));
    invocation.say(options.keep_local ? tr("resolve.keep_local", safe(report.path)) : tr("resolve.take_remote", safe(report.path), report.backup_folder));
    resolved.push_back({{"path", report.path}, {"resolution", options.keep_local ? "keep_local" : "take_remote"}, {"backup_folder", report.backup_folder}});
  }
  TRY_ASSIGN(const std::vector<ConflictInfo> left, session->conflicts());
  invocation.document({{"resolved", resolved}, {"conflicts", to_json_list(left)}});
  return left.empty() ? Exit::done : Exit::conflicts;
}

}  // namespace

void add_conflict_verbs(CLI::App& app, Invocation& invocation) {
  CLI::App* const list_verb = app.add_subcommand("conflicts", "List the unresolved conflicts");
  list_verb->callback([&invocation] { invocation.run = [&invocation] { return conflicts(invocation); }; });

  const auto options = std::make_shared<ResolveOptions>();
  CLI::App* const verb = app.add_subcommand("resolve", "Resolve a conflict");
  verb->add_option("PATH", options->paths, "The files or folders in conflict");
  verb->add_flag("--all", options->all, "All conflicts");
  verb->add_flag("--keep-local", options->keep_local, "Keep the file in the folder; the next sync publishes it");
  verb->add_flag("--take-remote", options->take_remote, "Take what the repository has; the local file is kept in .mikura/backup");
  verb->footer("Another way: edit the file as it should be and delete the copy beside it.");
  verb->callback([&invocation, options] { invocation.run = [&invocation, options] { return resolve(invocation, *options); }; });
}

}  // namespace mikura

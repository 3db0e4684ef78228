#include <memory>

#include "cli/commands.h"
#include "cli/messages.h"
#include "cli/text.h"
#include "wire/json_reports.h"

namespace mikura {
namespace {

struct ResolveOptions {
  std::vector<std::string> paths;
  bool all = false;
  bool keep_local = false;
  bool take_remote = false;
};

// The copy beside the file stands for the file: people click on what they see.
const std::string& path_in_conflict(const std::vector<ConflictInfo>& open,
                                    const std::string& path) {
  for (const ConflictInfo& conflict : open) {
    if (conflict.copy_path == path) return conflict.path;
  }
  return path;
}

Result<std::vector<std::string>> chosen_paths(Invocation& invocation, Session& session,
                                              const ResolveOptions& options) {
  TRY_ASSIGN(const std::vector<ConflictInfo> open, session.conflicts());
  std::vector<std::string> paths;
  TRY_ASSIGN(const auto typed, invocation.index_paths(session, options.paths));
  if (options.all || typed.empty()) {
    // "." is the whole workspace, as everywhere.
    for (const ConflictInfo& conflict : open)
      paths.push_back(conflict.path);
    return paths;
  }
  for (const std::string& path : typed)
    paths.push_back(path_in_conflict(open, path));
  return paths;
}

void print(Output& out, const ResolveReport& report) {
  const bool local = report.resolution == Resolution::keep_local;
  out.say(tr(local ? "resolve.keep_local" : "resolve.take_remote", shown_name(report.path)));
  if (!report.backup_folder.empty()) {
    out.say(tr("resolve.backup", shown_name(report.backup_folder)));
  }
}

Result<Exit> resolve(Invocation& invocation, const ResolveOptions& options) {
  if (options.keep_local == options.take_remote) {
    return Error(Code::invalid, "say which side to keep")
        .with_hint("Add either --keep-local or --take-remote.");
  }
  if (options.all != options.paths.empty()) {
    return Error(Code::invalid, "say what to resolve").with_hint("Name the paths, or use --all.");
  }
  const Resolution resolution =
      options.keep_local ? Resolution::keep_local : Resolution::take_remote;
  TRY_ASSIGN(const auto session, invocation.session());
  TRY_ASSIGN(const auto paths, chosen_paths(invocation, *session, options));
  Json resolved = Json::array();
  for (const std::string& path : paths) {
    TRY_ASSIGN(const ResolveReport report, session->resolve(path, resolution, invocation.stop()));
    print(invocation.out, report);
    resolved.push_back(to_json(report));
  }
  if (paths.empty()) invocation.out.say(tr("conflicts.none"));
  TRY_ASSIGN(const std::vector<ConflictInfo> left, session->conflicts());
  invocation.document_with_figures({{"resolved", resolved}, {"conflicts", to_json_list(left)}});
  return left.empty() ? Exit::done : Exit::conflicts;
}

}  // namespace

void add_resolve_verb(Parser& parser, Invocation& invocation) {
  const auto options = std::make_shared<ResolveOptions>();
  parser
      .add("resolve", "help.conflicts",
           [&invocation, options] { return resolve(invocation, *options); })
      .arguments("PATH", options->paths, "option.resolve_path")
      .flag("--all", options->all, "option.all_conflicts")
      .flag("--keep-local", options->keep_local, "option.keep_local")
      .flag("--take-remote", options->take_remote, "option.take_remote");
}

}  // namespace mikura

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
  bool keep_both = false;
  bool merge = false;
  bool markers = false;
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
  switch (report.resolution) {
    case Resolution::keep_local:
      out.say(tr("resolve.keep_local", shown_name(report.path)));
      break;
    case Resolution::take_remote:
      out.say(tr("resolve.take_remote", shown_name(report.path)));
      break;
    case Resolution::merge:
      if (report.markers > 0)
        out.say(tr_count("resolve.markers", report.markers, shown_name(report.path)));
      else
        out.say(tr("resolve.merged", shown_name(report.path)));
      break;
    case Resolution::keep_both:
      out.say(tr("resolve.keep_both", shown_name(report.path), shown_name(report.kept_as)));
      break;
  }
  if (!report.backup_folder.empty()) {
    out.say(tr("resolve.backup", shown_name(report.backup_folder)));
  }
}

Result<Resolution> chosen_resolution(const ResolveOptions& options) {
  if (options.keep_local + options.take_remote + options.keep_both + options.merge != 1) {
    return Error(Code::invalid, "say which side to keep")
        .with_hint("Add one of --keep-local, --take-remote, --keep-both and --merge.");
  }
  if (options.markers && !options.merge)
    return Error(Code::invalid, "--markers belongs to --merge").with_hint("Add --merge.");
  if (options.merge) return Resolution::merge;
  if (options.take_remote) return Resolution::take_remote;
  return options.keep_both ? Resolution::keep_both : Resolution::keep_local;
}

Result<Exit> resolve(Invocation& invocation, const ResolveOptions& options) {
  TRY_ASSIGN(const Resolution resolution, chosen_resolution(options));
  if (options.all != options.paths.empty()) {
    return Error(Code::invalid, "say what to resolve").with_hint("Name the paths, or use --all.");
  }
  TRY_ASSIGN(const auto session, invocation.session());
  TRY_ASSIGN(const auto paths, chosen_paths(invocation, *session, options));
  Json resolved = Json::array();
  for (const std::string& path : paths) {
    TRY_ASSIGN(const ResolveReport report,
               session->resolve({path, resolution, options.markers}, invocation.stop()));
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
      .flag("--take-remote", options->take_remote, "option.take_remote")
      .flag("--keep-both", options->keep_both, "option.keep_both")
      .flag("--merge", options->merge, "option.merge")
      .flag("--markers", options->markers, "option.markers");
}

}  // namespace mikura

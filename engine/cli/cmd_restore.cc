#include <memory>

#include "cli/commands.h"
#include "cli/json_reports.h"
#include "cli/messages.h"
#include "cli/printing.h"
#include "cli/text.h"

namespace mikura {
namespace {

Result<Exit> restore(Invocation& invocation, RestoreRequest request) {
  TRY_ASSIGN(const auto session, invocation.session());
  TRY_ASSIGN(request.paths, index_paths(*session, request.paths, invocation.global.folder));
  TRY_ASSIGN(const RestoreReport report, session->restore(request, invocation.stop()));
  if (report.dry_run) invocation.say(tr("sync.dry_run"));
  print_actions(invocation, report.actions);
  const std::string id = short_id(format_uuid(report.version.bytes()));
  if (report.actions.empty()) invocation.say(tr("restore.nothing", id));
  else if (!report.dry_run) invocation.say(tr("restore.done", report.actions.size(), id));
  if (!report.backup_folder.empty()) invocation.say(tr("sync.backup", report.backup_folder));
  if (!report.actions.empty() && !report.dry_run && request.to_folder.empty()) invocation.say(tr("restore.next"));
  invocation.document(to_json(report));
  return Exit::done;
}

}  // namespace

void add_restore_verb(CLI::App& app, Invocation& invocation) {
  const auto request = std::make_shared<RestoreRequest>();
  CLI::App* const verb = app.add_subcommand("restore", "Bring back the folder, or parts of it, as they were in a version");
  verb->add_option("VERSION", request->version, "HEAD, HEAD~N, base, or the start or end of a version's id")->required();
  verb->add_option("PATH", request->paths, "Only these files or folders (default: everything)");
  verb->add_option("--to", request->to_folder, "Write into this other folder instead; nothing there is overwritten");
  verb->add_flag("--dry-run", request->dry_run, "Show what would happen and change nothing");
  verb->footer("What is replaced or deleted is kept in .mikura/backup. Nothing is published until the next sync.\n"
               "Examples:\n  mikura restore HEAD~1 report.txt\n  mikura restore 5f3a9c21 --to /tmp/old");
  verb->callback([&invocation, request] { invocation.run = [&invocation, request] { return restore(invocation, *request); }; });
}

}  // namespace mikura

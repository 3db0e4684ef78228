#include <memory>

#include "cli/commands.h"
#include "cli/messages.h"
#include "cli/printing.h"
#include "cli/text.h"
#include "wire/json_reports.h"

namespace mikura {
namespace {

void print(Invocation& invocation, const RestoreRequest& request, const RestoreReport& report) {
  Output& out = invocation.out;
  const std::string id = short_id(format_uuid(report.version.bytes()));
  if (report.actions.empty()) {
    out.say(tr("restore.nothing", id));
    return;
  }
  if (report.dry_run) {
    out.show(tr("sync.dry_run"));
    show_actions(invocation, report.actions);
    return;
  }
  say_actions(invocation, report.actions);
  out.say(tr_count("restore.done", report.actions.size(), id));
  if (!report.backup_folder.empty()) out.say(tr("sync.backup", shown_name(report.backup_folder)));
  if (request.to_folder.empty()) out.say(tr("restore.next"));
}

Result<Exit> restore(Invocation& invocation, RestoreRequest request) {
  TRY_ASSIGN(const auto session, invocation.session());
  TRY_ASSIGN(request.paths, invocation.index_paths(*session, request.paths));
  auto report = session->restore(request, invocation.stop());
  if (report.failed_with(Code::refused) && !request.dry_run && !request.allow_mass_change) {
    RestoreRequest preview = request;
    preview.dry_run = true;
    explain_refusal(invocation, session->restore(preview, invocation.stop()));
  }
  if (!report) return std::move(report).error();
  print(invocation, request, *report);
  invocation.document_with_figures(to_json(*report));
  return Exit::done;
}

}  // namespace

void add_restore_verb(Parser& parser, Invocation& invocation) {
  const auto request = std::make_shared<RestoreRequest>();
  parser
      .add("restore", "help.history",
           [&invocation, request] { return restore(invocation, *request); })
      .required_argument("VERSION", request->version, "option.version")
      .arguments("PATH", request->paths, "option.restore_path")
      .option("--to", request->to_folder, "option.restore_to", "DIR")
      .flag("--dry-run", request->dry_run, "option.dry_run")
      .flag("--yes-mass-change", request->allow_mass_change, "option.allow_mass_change");
}

}  // namespace mikura

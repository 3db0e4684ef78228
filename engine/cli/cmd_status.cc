#include <memory>

#include "cli/commands.h"
#include "cli/json_reports.h"
#include "cli/messages.h"
#include "cli/printing.h"
#include "cli/text.h"

namespace mikura {
namespace {

void print(Invocation& invocation, const StatusReport& report) {
  invocation.say(tr("status.folder", safe(report.folder), report.store));
  if (report.remote_checked) invocation.say(tr("status.versions", report.base_generation, report.latest_generation));
  else invocation.say(tr("status.here_only", report.base_generation));
  if (!report.remote_problem.empty()) invocation.say(tr("status.remote_problem", report.remote_problem));
  if (!report.local.empty()) invocation.say(tr("status.local"));
  print_actions(invocation, report.local);
  if (!report.incoming.empty()) invocation.say(tr("status.incoming"));
  print_actions(invocation, report.incoming);
  if (report.local.empty() && report.incoming.empty()) invocation.say(tr(report.remote_checked ? "status.clean" : "status.clean_local"));
  print_conflicts(invocation, report.conflicts);
  print_problems(invocation, report.problems);
}

Result<Exit> status(Invocation& invocation, bool local_only) {
  TRY_ASSIGN(const auto session, invocation.session());
  TRY_ASSIGN(const StatusReport report, session->status(!local_only, invocation.stop()));
  print(invocation, report);
  invocation.document(to_json(report));
  return report.conflicts.empty() ? Exit::done : Exit::conflicts;
}

}  // namespace

void add_status_verb(CLI::App& app, Invocation& invocation) {
  const auto local_only = std::make_shared<bool>(false);
  CLI::App* const verb = app.add_subcommand("status", "Show local changes, conflicts and what the repository has new");
  verb->add_flag("--local", *local_only, "Look at the folder only: needs neither key nor network");
  verb->footer("Letters: A added, M modified, D deleted, R renamed, C conflict, t time only. Ends with 3 while conflicts remain.");
  verb->callback([&invocation, local_only] { invocation.run = [&invocation, local_only] { return status(invocation, *local_only); }; });
}

}  // namespace mikura

#include <memory>

#include "cli/commands.h"
#include "cli/messages.h"
#include "cli/printing.h"
#include "cli/text.h"
#include "wire/json_reports.h"

namespace mikura {
namespace {

void print_group(Invocation& invocation, std::string_view heading,
                 const std::vector<SyncAction>& actions) {
  if (actions.empty()) return;
  invocation.out.show(tr(heading));
  show_actions(invocation, actions);
}

void print_watcher(Output& out, const std::optional<WatcherInfo>& watcher) {
  if (!watcher) return;
  out.say(tr("status.watcher", watcher->pid, human_time(watcher->since_ms),
             watcher->last_sync_ms == 0 ? "-" : human_time(watcher->last_sync_ms)));
  if (!watcher->problem.empty()) out.show(tr("status.watcher_problem", harmless(watcher->problem)));
  if (!watcher->degraded.empty())
    out.show(tr("status.watcher_degraded", harmless(watcher->degraded)));
}

void print(Invocation& invocation, const StatusReport& report) {
  Output& out = invocation.out;
  out.say(tr("status.folder", shown_name(report.folder), harmless(report.store)));
  if (report.remote_checked) {
    out.say(tr("status.versions", report.base_generation, report.latest_generation));
  } else {
    out.say(tr("status.here_only", report.base_generation));
  }
  if (!report.remote_problem.empty()) {
    out.show(tr("status.remote_problem", harmless(report.remote_problem)));
  }
  print_watcher(out, report.watcher);
  print_group(invocation, "status.local", report.local);
  print_group(invocation, "status.incoming", report.incoming);
  if (report.local.empty() && report.incoming.empty() && report.conflicts.empty()) {
    out.say(tr(report.remote_checked ? "status.clean" : "status.clean_local"));
  }
  show_conflicts(invocation, report.conflicts);
  show_problems(invocation, report.problems);
}

Result<Exit> status(Invocation& invocation, bool local_only) {
  TRY_ASSIGN(const auto session, invocation.session());
  TRY_ASSIGN(const StatusReport report, session->status(!local_only, invocation.stop()));
  print(invocation, report);
  invocation.document_with_figures(to_json(report));
  return report.conflicts.empty() ? Exit::done : Exit::conflicts;
}

}  // namespace

void add_status_verb(Parser& parser, Invocation& invocation) {
  const auto local_only = std::make_shared<bool>(false);
  parser
      .add("status", "help.every_day",
           [&invocation, local_only] { return status(invocation, *local_only); })
      .flag("--local", *local_only, "option.local");
}

}  // namespace mikura

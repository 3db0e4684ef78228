#include <memory>

#include "cli/commands.h"
#include "cli/messages.h"
#include "cli/printing.h"
#include "cli/text.h"
#include "wire/json_reports.h"

namespace mikura {
namespace {

struct SyncOptions {
  SyncRequest request;
  std::string policy;
};

void print_dry_run(Invocation& invocation, const SyncReport& report) {
  Output& out = invocation.out;
  if (report.actions.empty()) {
    out.show(tr("sync.dry_run_nothing"));
  } else {
    out.show(tr("sync.dry_run"));
    show_actions(invocation, report.actions);
  }
}

// What became of the versions, in one line.
void print_outcome(Invocation& invocation, SyncMode mode, const SyncReport& report) {
  Output& out = invocation.out;
  if (report.published) {
    const std::string id = short_id(format_uuid(report.published->bytes()));
    out.say(tr("sync.published", report.generation, id));
  } else if (!report.actions.empty() && mode != SyncMode::push) {
    out.say(tr("sync.pulled", report.generation));
  } else if (!report.remote_has_more && report.conflicts.empty()) {
    out.say(report.version ? tr("sync.nothing", report.generation) : tr("sync.empty"));
  }
}

void print(Invocation& invocation, SyncMode mode, const SyncReport& report) {
  Output& out = invocation.out;
  if (report.dry_run) {
    print_dry_run(invocation, report);
  } else {
    say_actions(invocation, report.actions);
    print_outcome(invocation, mode, report);
  }
  if (report.uploaded_objects > 0) {
    out.say(tr_count("sync.uploaded", report.uploaded_objects, human_size(report.uploaded_bytes)));
  }
  if (report.downloaded_objects > 0) {
    out.say(tr_count("sync.downloaded", report.downloaded_objects,
                     human_size(report.downloaded_bytes)));
  }
  if (!report.backup_folder.empty()) out.say(tr("sync.backup", shown_name(report.backup_folder)));
  if (report.remote_has_more) out.say(tr("sync.more"));
  say_conflicts(invocation, report.conflicts);
  say_problems(invocation, report.problems);
}

Result<Exit> run_verb(Invocation& invocation, SyncOptions options) {
  SyncRequest& request = options.request;
  request.policy = policy_named(options.policy);
  TRY_ASSIGN(const auto session, invocation.session());
  auto report = session->sync(request, invocation.stop());
  if (report.failed_with(Code::refused) && !request.dry_run && !request.allow_mass_change) {
    SyncRequest preview = request;
    preview.dry_run = true;
    explain_refusal(invocation, session->sync(preview, invocation.stop()));
  }
  if (!report) return std::move(report).error();
  print(invocation, request.mode, *report);
  invocation.document_with_figures(to_json(*report));
  return report->conflicts.empty() ? Exit::done : Exit::conflicts;
}

void add_mode(Parser& parser, Invocation& invocation, SyncMode mode, const char* name) {
  const auto options = std::make_shared<SyncOptions>();
  SyncRequest& request = options->request;
  request.mode = mode;
  Verb verb = parser.add(name, "help.every_day",
                         [&invocation, options] { return run_verb(invocation, *options); });
  if (mode != SyncMode::pull) {
    verb.option("-m,--message", request.message, "option.message", "TEXT");
  }
  verb.flag("--dry-run", request.dry_run, "option.dry_run")
      .choice("--policy", options->policy, "option.policy", "POLICY",
              {"keepBoth", "lastWriteWins", "merge"})
      .flag("--allow-mass-change", request.allow_mass_change, "option.allow_mass_change");
}

}  // namespace

void add_sync_verbs(Parser& parser, Invocation& invocation) {
  add_mode(parser, invocation, SyncMode::sync, "sync");
  add_mode(parser, invocation, SyncMode::push, "push");
  add_mode(parser, invocation, SyncMode::pull, "pull");
}

}  // namespace mikura

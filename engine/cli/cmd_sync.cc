#include <memory>

#include "cli/commands.h"
#include "cli/json_reports.h"
#include "cli/messages.h"
#include "cli/printing.h"
#include "cli/text.h"

namespace mikura {
namespace {

struct SyncOptions {
  SyncRequest request;
  std::string policy;
};

void print(Invocation& invocation, const SyncReport& report) {
  if (report.dry_run) invocation.say(tr("sync.dry_run"));
  print_actions(invocation, report.actions);
  if (report.published) invocation.say(tr("sync.published", report.generation, short_id(format_uuid(report.published->bytes()))));
  else if (report.actions.empty() && !report.dry_run && !report.remote_has_more) invocation.say(tr("sync.nothing", report.generation));
  if (report.uploaded_objects > 0) invocation.say(tr("sync.uploaded", report.uploaded_objects, human_size(report.uploaded_bytes)));
  if (report.downloaded_objects > 0) invocation.say(tr("sync.downloaded", report.downloaded_objects, human_size(report.downloaded_bytes)));
  if (!report.backup_folder.empty()) invocation.say(tr("sync.backup", report.backup_folder));
  if (report.remote_has_more) invocation.say(tr("sync.more"));
  print_conflicts(invocation, report.conflicts);
  print_problems(invocation, report.problems);
}

Result<Exit> run_verb(Invocation& invocation, SyncOptions options) {
  if (options.policy == "keepBoth") options.request.policy = Policy::keep_both;
  if (options.policy == "lastWriteWins") options.request.policy = Policy::last_write_wins;
  TRY_ASSIGN(const auto session, invocation.session());
  TRY_ASSIGN(const SyncReport report, session->sync(options.request, invocation.stop()));
  print(invocation, report);
  invocation.document(to_json(report));
  return report.conflicts.empty() ? Exit::done : Exit::conflicts;
}

void add_verb(CLI::App& app, Invocation& invocation, SyncMode mode, const char* name, const char* description) {
  const auto options = std::make_shared<SyncOptions>();
  options->request.mode = mode;
  CLI::App* const verb = app.add_subcommand(name, description);
  if (mode != SyncMode::pull) verb->add_option("-m,--message", options->request.message, "A note that the version carries");
  verb->add_flag("--dry-run", options->request.dry_run, "Show what would happen and change nothing");
  verb->add_option("--policy", options->policy, "What to do when both sides changed a file: keepBoth (default) or lastWriteWins")
      ->check(CLI::IsMember({"keepBoth", "lastWriteWins"}));
  verb->add_flag("--allow-mass-change", options->request.allow_mass_change,
                 "Go on although more than half of the files would be deleted or replaced");
  verb->footer("Ends with 3 while conflicts remain.");
  verb->callback([&invocation, options] { invocation.run = [&invocation, options] { return run_verb(invocation, *options); }; });
}

}  // namespace

void add_sync_verbs(CLI::App& app, Invocation& invocation) {
  add_verb(app, invocation, SyncMode::sync, "sync", "Bring folder and repository together: pull, then push");
  add_verb(app, invocation, SyncMode::push, "push", "Publish local changes as a new version");
  add_verb(app, invocation, SyncMode::pull, "pull", "Bring the folder to the latest version");
}

}  // namespace mikura

// status, sync, restore: working in a folder.
#include "server/methods.h"
#include "wire/json_reports.h"

namespace mikura {
namespace {

Result<Json> status(Services& services, Call& call, const StatusParams& params) {
  std::optional<FolderStates::Doing> doing;
  if (params.check_remote) doing.emplace(services.states, params.folder, Activity::checking);
  TRY_ASSIGN(const auto session, services.session(call));
  TRY_ASSIGN(const StatusReport report, session->status(params.check_remote, call.stop()));
  return to_json(report);
}

// What a guard stopped, so that a person can decide (docs/protocol.md).
template <class Report>
void explain_refusal(Call& call, const Result<Report>& preview) {
  if (preview) call.details["actions"] = to_json_list(preview->actions);
}

Result<Json> sync(Services& services, Call& call, const SyncParams& params) {
  const Activity activity = params.request.dry_run ? Activity::checking : Activity::syncing;
  const FolderStates::Doing doing(services.states, params.folder, activity);
  TRY_ASSIGN(const auto session, services.session(call));
  const auto report = session->sync(params.request, call.stop());
  if (report.failed_with(Code::refused) && !params.request.dry_run) {
    SyncRequest preview = params.request;
    preview.dry_run = true;
    explain_refusal(call, session->sync(preview, call.stop()));
  }
  if (!report) {
    services.note_failure(call, report.error());
    return report.error();
  }
  if (!params.request.dry_run) {
    services.note_success(params.folder);
    const std::int64_t now_unix_ms = system_clock().unix_ms();
    services.states.update(params.folder, [&](FolderState& state) {
      state.last_sync = last_sync_json(*report, now_unix_ms);
    });
  }
  return to_json(*report);
}

Result<Json> restore(Services& services, Call& call, const RestoreParams& params) {
  const RestoreRequest& request = params.request;
  const Activity activity = request.dry_run ? Activity::checking : Activity::restoring;
  const FolderStates::Doing doing(services.states, params.folder, activity);
  TRY_ASSIGN(const auto session, services.session(call));
  const auto report = session->restore(request, call.stop());
  if (report.failed_with(Code::refused) && !request.dry_run) {
    RestoreRequest preview = request;
    preview.dry_run = true;
    explain_refusal(call, session->restore(preview, call.stop()));
  }
  if (!report) {
    services.note_failure(call, report.error());
    return report.error();
  }
  if (!request.dry_run) services.note_success(params.folder);
  return to_json(*report);
}

Result<Json> conflicts(Services& services, Call& call, const FolderParams&) {
  TRY_ASSIGN(const auto session, services.session(call));
  TRY_ASSIGN(const std::vector<ConflictInfo> found, session->conflicts());
  return Json{{"conflicts", to_json_list(found)}};
}

}  // namespace

void add_sync_methods(Methods& methods) {
  methods.look<StatusParams>("status", status);
  methods.change<SyncParams>("sync", sync);
  methods.change<RestoreParams>("restore", restore);
  methods.look<FolderParams>("conflicts", conflicts);
}

}  // namespace mikura

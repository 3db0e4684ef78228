// status, sync, restore, discard, conflicts: working in a folder.
#include "server/methods.h"
#include "server/watching.h"
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

// The files that editors hold unsaved text of; a call leaves them alone.
std::vector<std::string> unsaved_in(const Folder::Lease& session) {
  return session.folder().unsaved.with([](const auto& paths) { return paths; });
}

// The first try with a wrong key is no end of anything.
template <class Report>
bool awaits_another_key(const Call& call, const Result<Report>& report) {
  return report.failed_with(Code::wrong_key) && call.key.repository && !call.key.retry;
}

// How a call that changed a folder ended, for its state and its answer.
template <class Report>
Result<Json> finished(Services& services, const Call& call, const Result<Report>& report,
                      bool dry_run) {
  if (!report) {
    if (!dry_run && !awaits_another_key(call, report)) {
      services.note_failure(call, report.error());
    }
    return report.error();
  }
  if (!dry_run) services.note_success(call.folder());
  return to_json(*report);
}

Result<Json> sync(Services& services, Call& call, const SyncParams& params) {
  const Activity activity = params.request.dry_run ? Activity::checking : Activity::syncing;
  const FolderStates::Doing doing(services.states, params.folder, activity);
  TRY_ASSIGN(const auto session, services.session(call));
  SyncRequest request = params.request;
  request.hold = unsaved_in(session);
  const auto report = session->sync(request, call.stop());
  if (report.failed_with(Code::refused) && !request.dry_run) {
    request.dry_run = true;
    explain_refusal(call, session->sync(request, call.stop()));
  }
  if (report && !params.request.dry_run) {
    services.states.update(params.folder, [&](FolderState& state) {
      state.last_sync = last_sync_json(*report, system_clock().unix_ms());
    });
  }
  if (!params.request.dry_run && !awaits_another_key(call, report)) {
    note_round(*session.folder().round_code, call, report ? nullptr : &report.error());
    session.folder().with_watch([&](Watch& watch) { watch.ran_by_hand(report); });
  }
  return finished(services, call, report, params.request.dry_run);
}

Result<Json> restore(Services& services, Call& call, const RestoreParams& params) {
  const Activity activity = params.request.dry_run ? Activity::checking : Activity::restoring;
  const FolderStates::Doing doing(services.states, params.folder, activity);
  TRY_ASSIGN(const auto session, services.session(call));
  RestoreRequest request = params.request;
  if (request.to_folder.empty()) request.hold = unsaved_in(session);
  const auto report = session->restore(request, call.stop());
  if (report.failed_with(Code::refused) && !request.dry_run) {
    request.dry_run = true;
    explain_refusal(call, session->restore(request, call.stop()));
  }
  return finished(services, call, report, params.request.dry_run);
}

Result<Json> discard(Services& services, Call& call, const DiscardParams& params) {
  const FolderStates::Doing doing(services.states, params.folder, Activity::restoring);
  TRY_ASSIGN(const auto session, services.session(call));
  DiscardRequest request = params.request;
  request.hold = unsaved_in(session);
  return finished(services, call, session->discard(request, call.stop()), request.dry_run);
}

Result<Json> resolve(Services& services, Call& call, const ResolveParams& params) {
  const FolderStates::Doing doing(services.states, params.folder, Activity::restoring);
  TRY_ASSIGN(const auto session, services.session(call));
  ResolveRequest request = params.request;
  request.hold = unsaved_in(session);
  TRY_ASSIGN(Json answer, finished(services, call, session->resolve(request, call.stop()), false));
  TRY_ASSIGN(const std::vector<ConflictInfo> left, session->conflicts());
  answer["conflicts"] = to_json_list(left);
  return answer;
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
  methods.change<DiscardParams>("discard", discard);
  methods.change<ResolveParams>("resolve", resolve);
  methods.look<FolderParams>("conflicts", conflicts);
}

}  // namespace mikura

// store/*, repository/*, key/*, doctor: how a folder comes to its repository and its key.
#include <fmt/format.h>

#include "crypto/user_key.h"
#include "server/framing.h"
#include "server/methods.h"
#include "wire/json_reports.h"

namespace mikura {
namespace {

Result<Json> inspect(Services& services, Call& call, const StoreParams& params) {
  TRY_ASSIGN(const StoreInspection found,
             services.engine.inspect_store(params.store, services.environment(call), call.stop()));
  return to_json(found);
}

Result<Json> profiles(Services& services, Call&, const NoParams&) {
  TRY_ASSIGN(const std::vector<std::string> names, services.engine.profiles());
  return Json{{"profiles", names}};
}

// What was opened is another folder now; and the key that did it is the repository's.
void note_link(Services& services, Call& call, const RepositoryId& repository) {
  if (call.key.given) services.secrets.keep(repository, *std::move(call.key.given));
  const auto folder = services.folders.find(call.folder());
  if (folder == nullptr) return;
  folder->set_repository(repository);
  folder->reopen();
  services.note_success(call.folder());
}

Result<Json> init(Services& services, Call& call, const InitParams& params) {
  TRY_ASSIGN(const InitReport report,
             services.engine.init(params.request, services.environment(call), call.stop()));
  note_link(services, call, report.repository);
  return to_json(report);
}

Result<Json> link(Services& services, Call& call, const LinkParams& params) {
  TRY_ASSIGN(const InitReport report,
             services.engine.link(params.request, services.environment(call), call.stop()));
  note_link(services, call, report.repository);
  return to_json(report);
}

Result<Json> clone(Services& services, Call& call, const LinkParams& params) {
  const FolderStates::Doing doing(services.states, params.folder, Activity::syncing);
  TRY_ASSIGN(const SyncReport report,
             services.engine.clone(params.request, services.environment(call), call.stop()));
  if (call.key.repository) note_link(services, call, *call.key.repository);
  return to_json(report);
}

// The text passes through no document: it would leave copies behind.
Result<Json> generate(Services&, Call& call, const NoParams&) {
  const UserKey key = generate_user_key(system_random());
  const SecretBytes text = format_user_key(key);
  std::string result;
  result.reserve(text.expose().size() + 16);
  result += R"({"key":")";
  result += as_text(text.expose());
  result += R"("})";
  call.answer_secret(std::move(result));
  return Json(nullptr);
}

Result<Json> check(Services& services, Call& call, const KeyCheckParams& params) {
  std::string store = params.store;
  std::optional<RepositoryId> expected;
  if (store.empty()) {
    TRY_ASSIGN(const auto info, services.engine.inspect_folder(params.folder));
    if (!info) {
      call.code = "not_linked";
      return Error(Code::invalid, params.folder + " is not linked to a repository");
    }
    store = info->store;
    expected = info->repository;
  }
  call.key.fresh = true;
  TRY_ASSIGN(const KeyCheck found,
             services.engine.check_key(store, services.environment(call), call.stop()));
  if (expected && *expected != found.repository) {
    return Error(Code::corrupt, store + " now holds another repository than the folder's");
  }
  if (call.key.given) {
    services.secrets.keep(found.repository, *std::move(call.key.given));
    services.reopen_sessions(found.repository);
  }
  return to_json(found);
}

Result<Json> forget(Services& services, Call&, const KeyForgetParams& params) {
  services.secrets.forget(params.repository);
  services.reopen_sessions(params.repository);
  return Json(nullptr);
}

Result<Json> doctor(Services& services, Call& call, const FolderParams& params) {
  const FolderStates::Doing doing(services.states, params.folder, Activity::checking);
  TRY_ASSIGN(const auto session, services.session(call));
  const std::vector<DoctorCheck> checks = session->doctor(call.stop());
  bool healthy = true;
  for (const DoctorCheck& one : checks)
    healthy = healthy && one.state != DoctorCheck::State::failed;
  return Json{{"healthy", healthy}, {"checks", to_json_list(checks)}};
}

}  // namespace

void add_repository_methods(Methods& methods) {
  using Lane = Call::Lane;
  using Needs = Methods::Needs;
  methods.add<StoreParams>("store/inspect", Lane::look, Needs::nothing, inspect);
  methods.add<NoParams>("store/profiles", Lane::look, Needs::nothing, profiles);
  methods.add<InitParams>("repository/init", Lane::change, Needs::nothing, init);
  methods.add<LinkParams>("repository/link", Lane::change, Needs::nothing, link);
  methods.add<LinkParams>("repository/clone", Lane::change, Needs::nothing, clone);
  methods.add<NoParams>("key/generate", Lane::look, Needs::nothing, generate);
  methods.look<KeyCheckParams>("key/check", check);
  methods.add<KeyForgetParams>("key/forget", Lane::look, Needs::nothing, forget);
  methods.look<FolderParams>("doctor", doctor);
}

}  // namespace mikura

#include "server/services.h"

#include <fmt/format.h>

#include "base/log.h"
#include "server/framing.h"
#include "wire/json_reports.h"
#include "wire/key_text.h"

namespace mikura {
namespace {

// What STS takes for a code.
constexpr std::size_t kMfaCodeSize = 6;

// A session that works for nobody is a bug of ours, but no reason to end the process.
Error no_call() {
  return Error(Code::internal, "a session asked for a key outside of any call");
}

Json secret_params(const Call& call, const KeyRequest& request) {
  const Json repository =
      request.creating ? Json(nullptr) : Json(format_uuid(request.repository.bytes()));
  return {{"repository", repository},
          {"store", request.store},
          {"creating", request.creating},
          {"accepts_key_file", request.accepts_key_file},
          {"accepts_passphrase", request.accepts_passphrase},
          {"retry", call.key.retry}};
}

Error no_key(Call& call, const KeyRequest& request) {
  call.code = "key_missing";
  return Error(Code::invalid, "no key was given for " + request.store)
      .with_hint("Enter the key of the repository.");
}

Error no_mfa_code(Call& call, const MfaRequest& request) {
  call.lacks_mfa_code = true;
  // Not no_credentials: then other places would be searched for credentials that nobody means.
  return Error(Code::denied, "no code of the MFA device " + request.serial +
                                 " was given for the role " + request.role_arn + " of profile '" +
                                 request.profile + "'")
      .with_hint("Enter the code that the device shows.");
}

void trace(const StoreRequest& request) {
  if (!log_enabled(LogLevel::debug)) return;
  log_debug(fmt::format("{} {}: sent {} B, received {} B, {:.1f} ms, {}", request.verb,
                        request.name, request.sent_bytes, request.received_bytes,
                        static_cast<double>(request.duration_us) / 1000, request.outcome));
}

}  // namespace

Services::Services(Peer& client, ServedEngine served, Identity who)
    : peer(client),
      engine(std::move(served)),
      identity(std::move(who)),
      states([this](Json state) { peer.notify("folder/state", std::move(state)); }) {}

Environment Services::environment_for(std::shared_ptr<CallSlot> slot) {
  Environment environment;
  environment.client_folder = identity.state_folder;
  environment.author = identity.author;
  environment.device_name = identity.device;
  environment.program = "mikura " + identity.version;
  environment.key = [this, slot](const KeyRequest& request) -> Result<KeySource> {
    Call* const call = slot->call;
    return call != nullptr ? provide_key(*call, request) : no_call();
  };
  environment.mfa_sessions = mfa_sessions_;
  environment.mfa = [this, slot](const MfaRequest& request,
                                 const std::stop_token& stop) -> Result<SecretBytes> {
    Call* const call = slot->call;
    if (call == nullptr) return no_call();
    return provide_mfa_code(*call, request, stop);
  };
  environment.progress = [slot](const Progress& progress) {
    Call* const call = slot->call;
    if (call != nullptr) call->progress(progress);
  };
  environment.trace = trace;
  return environment;
}

Environment Services::environment(Call& call) {
  const auto slot = std::make_shared<CallSlot>();
  slot->call = &call;
  return environment_for(slot);
}

std::shared_ptr<Folder> Services::make_folder(const std::string& path) {
  return std::make_shared<Folder>(
      path,
      [this, path](std::shared_ptr<CallSlot> slot) {
        return engine.open(path, environment_for(std::move(slot)));
      },
      engine.inspect_folder);
}

Result<Folder::Lease> Services::session(Call& call) {
  const std::shared_ptr<Folder> folder = folders.find(call.folder());
  // Closed while the call waited for its turn.
  if (folder == nullptr) return Error(Code::cancelled, "the folder was closed");
  return Folder::borrow(folder, call);
}

void Services::reopen_sessions(const RepositoryId& repository) {
  for (const auto& folder : folders.all()) {
    if (folder->repository() == repository) folder->reopen();
  }
}

void Services::forget_unneeded_key(const RepositoryId& repository) {
  for (const auto& folder : folders.all()) {
    if (folder->repository() == repository) return;
  }
  secrets.forget(repository);
}

Result<std::optional<KeySource>> Services::ask_client(Call& call, const KeyRequest& request) {
  std::optional<Workers::Pause> pause;
  if (call.workers != nullptr) pause.emplace(*call.workers);
  TRY_ASSIGN(auto result, peer.request("secret/get", secret_params(call, request), call.stop()));
  const bool given = result && result->is_object() && result->contains("secret") &&
                     (*result)["secret"].is_string();
  if (!given) return std::optional<KeySource>();
  auto& text = (*result)["secret"].get_ref<std::string&>();
  auto key = text.size() > kMaxKeyTextBytes
                 ? Result<KeySource>(Error(Code::invalid, "what was entered is too long"))
                 : parse_key_text(as_bytes(text), request.creating, "what was entered");
  wipe_text(text);
  if (!key) return std::move(key).error();
  return std::optional<KeySource>(*std::move(key));
}

Result<KeySource> Services::provide_key(Call& call, const KeyRequest& request) {
  const auto ask = [&] { return ask_client(call, request); };
  if (request.creating || call.key.fresh) {
    TRY_ASSIGN(auto key, ask());
    if (!key) return no_key(call, request);
    call.key.given = duplicate(*key);
    return *std::move(key);
  }
  TRY_ASSIGN(auto given, secrets.get(request.repository, call.stop(), ask));
  if (!given) return no_key(call, request);
  call.key.repository = request.repository;
  call.key.generation = given->generation;
  return std::move(given->key);
}

Result<SecretBytes> Services::provide_mfa_code(Call& call, const MfaRequest& request,
                                               const std::stop_token& stop) {
  // Several sessions may want the same role: who said no to one said it to all.
  if (no_code_given_.load() > call.arrived()) return no_mfa_code(call, request);
  std::optional<Workers::Pause> pause;
  if (call.workers != nullptr) pause.emplace(*call.workers);
  TRY_ASSIGN(auto result, peer.request("mfa/get",
                                       {{"profile", request.profile},
                                        {"role", request.role_arn},
                                        {"serial", request.serial},
                                        {"retry", request.retry}},
                                       stop));
  const bool given =
      result && result->is_object() && result->contains("code") && (*result)["code"].is_string();
  if (!given) {
    no_code_given_ = std::chrono::steady_clock::now();
    return no_mfa_code(call, request);
  }
  auto& text = (*result)["code"].get_ref<std::string&>();
  SecretBytes code(as_bytes(text));
  wipe_text(text);
  if (code.expose().size() != kMfaCodeSize) return no_mfa_code(call, request);
  return code;
}

void Services::note_success(const std::string& folder) {
  states.update(folder, [](FolderState& state) {
    ++state.revision;
    state.problem = nullptr;
  });
}

void Services::note_failure(const Call& call, const Error& error) {
  states.update(call.folder(), [&](FolderState& state) {
    ++state.revision;
    if (error.code() == Code::cancelled) return;
    state.problem = error_data(error);
    if (const auto code = own_code(call, error); !code.empty()) state.problem["code"] = code;
  });
}

std::string own_code(const Call& call, const Error& error) {
  // Renewed early, and in vain, credentials may have served all the same.
  if (call.lacks_mfa_code && error.code() == Code::denied) return "mfa_missing";
  return call.code;
}

Json error_data(const Error& error) {
  Json data = to_json(error);
  data["retryable"] = error.code() == Code::transient || error.code() == Code::conflict ||
                      error.code() == Code::busy;
  return data;
}

Failure failure_of(const Call& call, const Error& error) {
  if (error.code() == Code::cancelled) return cancelled_failure();
  Failure failure{rpc_code::kEngine, error.message(), error_data(error)};
  if (error.code() == Code::internal) failure.code = rpc_code::kInternal;
  if (call.rpc_error_code) failure.code = *call.rpc_error_code;
  if (const auto code = own_code(call, error); !code.empty()) failure.data["code"] = code;
  failure.data.update(call.details);
  return failure;
}

}  // namespace mikura

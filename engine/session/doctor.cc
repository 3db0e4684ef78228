#include "session/doctor.h"

#include <fmt/format.h>

#include <algorithm>

#include "session/doctor_store.h"
#include "vault/probe.h"

namespace mikura {
namespace {

using Verdict = DoctorCheck::State;

class Doctor {
 public:
  Doctor(Workspace& workspace, std::stop_token stop)
      : workspace_(workspace), stop_(std::move(stop)) {}

  std::vector<DoctorCheck> run() {
    if (!check_folder()) return std::move(checks_);
    const bool reachable = check_reachable();
    check_credentials();
    if (!reachable) return std::move(checks_);
    const StorePermissions may = check_permissions();
    if (!check_key()) return std::move(checks_);
    check_head();
    check_conditions(may);
    check_conflicts();
    return std::move(checks_);
  }

 private:
  void ok(std::string name, std::string text) {
    checks_.push_back({std::move(name), Verdict::ok, std::move(text), ""});
  }
  void warn(std::string name, std::string text, std::string hint) {
    checks_.push_back({std::move(name), Verdict::warning, std::move(text), std::move(hint)});
  }
  bool fail(std::string name, const Error& error) {
    checks_.push_back({std::move(name), Verdict::failed, error.message(), error.hint()});
    return false;
  }

  bool check_folder() {
    auto link = workspace_.link();
    if (!link) return fail("folder.linked", link.error());
    ok("folder.linked", fmt::format("{} is linked to {}", workspace_.root(), link->store_url));
    const auto lock = workspace_.lock();
    if (lock)
      ok("folder.free", "no other Mikura process is changing the folder");
    else
      warn("folder.free", lock.error().message(), lock.error().hint());
    return true;
  }

  bool check_reachable() {
    first_of_store_ = static_cast<std::ptrdiff_t>(checks_.size());
    auto store = workspace_.store();
    if (!store) return fail("store.reachable", store.error());
    auto blob = get_whole(**store, kRepositoryName, kMaxRepositoryBytes, stop_);
    if (!blob) return fail("store.reachable", blob.error());
    ok("store.reachable", fmt::format("{} answers", (*store)->describe()));
    auto config = decode_repository(blob->data);
    if (!config) return fail("repository.readable", config.error());
    ok("repository.readable", fmt::format("repository {}", format_uuid(config->id.bytes())));
    return true;
  }

  // After the first request: until then nobody has looked for credentials. A folder needs none.
  void check_credentials() {
    const CredentialReport report = workspace_.credential_report();
    if (report.empty()) return;
    checks_.push_back(credentials_check(report, *workspace_.environment().clock));
    // The order of cause and effect.
    std::rotate(checks_.begin() + first_of_store_, checks_.end() - 1, checks_.end());
  }

  StorePermissions check_permissions() {
    auto store = workspace_.store();
    if (!store) return {};
    const StorePermissions may = find_permissions(**store, *workspace_.environment().random, stop_);
    checks_.push_back(permissions_check(may));
    return may;
  }

  bool check_key() {
    auto vault = workspace_.vault(stop_);
    if (!vault) return fail("key", vault.error());
    vault_ = *vault;
    ok("key", "the key opens the repository");
    return true;
  }

  void check_head() {
    auto head = vault_->read_head(nullptr, stop_);
    if (!head) {
      fail("history", head.error());
      return;
    }
    ok("history", fmt::format("the history has {} versions and continues what this client has seen",
                              head->head.generation));
    const std::int64_t skew_ms =
        head->head.written_unix_ms - workspace_.environment().clock->unix_ms();
    if (skew_ms > 300'000) {
      warn("clock",
           fmt::format("the latest version was written {} s in the future of this machine's clock",
                       skew_ms / 1000),
           "Set the clock of this machine, or of the one that wrote it.");
    } else {
      ok("clock", "this machine's clock agrees with the repository");
    }
  }

  void check_conditions(const StorePermissions& may) {
    auto store = workspace_.store();
    if (!store) return;
    if (!may.write) {
      checks_.push_back({"store.conditional_writes", Verdict::skipped,
                         "not allowed to write here, so not checked", ""});
      return;
    }
    auto found = probe_store(**store, *workspace_.environment().random, stop_);
    if (!found) {
      fail("store.conditional_writes", found.error());
      return;
    }
    for (DoctorCheck& check : capability_checks(*found, vault_->config(), may))
      checks_.push_back(std::move(check));
  }

  void check_conflicts() {
    const auto records = workspace_.state().conflicts();
    if (!records || records->empty()) {
      ok("conflicts", "no unresolved conflicts");
      return;
    }
    warn("conflicts", fmt::format("{} unresolved conflicts", records->size()),
         "`mikura conflicts` lists them.");
  }

  Workspace& workspace_;
  const std::stop_token stop_;
  Vault* vault_ = nullptr;
  std::vector<DoctorCheck> checks_;
  std::ptrdiff_t first_of_store_ = 0;
};

}  // namespace

std::vector<DoctorCheck> run_doctor(Workspace& workspace, std::stop_token stop) {
  return Doctor(workspace, std::move(stop)).run();
}

}  // namespace mikura

#include "session/workspace.h"

#include <fmt/format.h>

#include "base/log.h"
#include "local/state_db.h"
#include "session/client_folder.h"

namespace mikura {
namespace {

// For contents in flight; the rest of the 256 MiB of the design is for trees and buffers.
constexpr std::uint64_t kContentBudgetBytes = 160ULL << 20;
constexpr unsigned kBackupMaxAgeDays = 30;
constexpr std::uint64_t kBackupMaxBytes = 2ULL << 30;

Result<KeyObjects> cached_keys(State& state, const WorkspaceLink& link) {
  KeyObjects keys;
  TRY_ASSIGN(auto repository, state.cached_object(kRepositoryName));
  if (repository) keys.repository = std::move(repository->data);
  if (link.slot_name.empty()) return keys;
  TRY_ASSIGN(auto slot, state.cached_object(link.slot_name));
  if (slot) {
    keys.slot_name = link.slot_name;
    keys.slot = std::move(slot->data);
  }
  return keys;
}

}  // namespace

Environment complete(Environment environment) {
  if (environment.clock == nullptr) environment.clock = &system_clock();
  if (environment.random == nullptr) environment.random = &system_random();
  return environment;
}

std::optional<Bytes> StateCache::get(std::string_view name) {
  auto kept = state_.cached_object(name);
  if (!kept || !*kept) return std::nullopt;
  return std::move((*kept)->data);
}

void StateCache::put(std::string_view name, ByteSpan object) {
  // Only a cache: what cannot be kept is fetched again.
  const auto kept = state_.cache_object(name, {to_bytes(object), {}});
  if (!kept) log_info(kept.error().message());
}

Result<VaultEnvironment> vault_environment(const Environment& environment, ObjectCache* cache) {
  TRY_ASSIGN(const DeviceId device, load_device_id(environment.client_folder, *environment.random));
  return VaultEnvironment{*environment.clock, *environment.random, environment.client_folder,
                          device, cache};
}

Result<std::unique_ptr<BlobStore>> open_environment_store(const std::string& url,
                                                          const Environment& environment,
                                                          bool create,
                                                          CredentialObserver on_credentials) {
  TRY_ASSIGN(const StoreUrl parsed, StoreUrl::parse(url));
  OpenStoreOptions options;
  options.trace = environment.trace;
  options.max_concurrent_requests = std::max(environment.concurrency, 1U);
  options.create_directory = create;
  options.clock = environment.clock;
  options.mfa = environment.mfa;
  options.mfa_sessions = environment.mfa_sessions;
  options.on_credentials = std::move(on_credentials);
  return open_store(parsed, std::move(options));
}

Result<std::unique_ptr<Vault>> open_vault(BlobStore& store, const Environment& environment,
                                          KeyObjects cached, const std::string& description,
                                          ObjectCache* cache, std::stop_token stop) {
  TRY_ASSIGN(const VaultEnvironment vault_env, vault_environment(environment, cache));
  const KeyCallback ask = [&](const RepositoryId& repository,
                              const KeyKinds& kinds) -> Result<KeySource> {
    if (!environment.key) return Error(Code::invalid, "no key was given");
    return environment.key({repository, description, false, kinds.key_file, kinds.passphrase});
  };
  return Vault::open(store, std::move(cached), ask, vault_env, std::move(stop));
}

Workspace::Workspace(std::string root, const Environment& environment, std::unique_ptr<State> state,
                     std::unique_ptr<WorkingTree> tree)
    : root_(std::move(root)),
      environment_(environment),
      state_(std::move(state)),
      tree_(std::move(tree)),
      memory_(kContentBudgetBytes),
      cache_(*state_) {}

Result<std::unique_ptr<Workspace>> Workspace::open(const std::string& root,
                                                   const Environment& environment) {
  const Environment full = complete(environment);
  TRY(make_workspace_folder(root));
  TRY_ASSIGN(auto state, open_state_db(root + "/.mikura/state.db"));
  TRY_ASSIGN(auto tree, open_posix_tree(root, *full.clock, *full.random));
  return std::unique_ptr<Workspace>(new Workspace(root, full, std::move(state), std::move(tree)));
}

Result<WorkspaceLink> Workspace::link() {
  TRY_ASSIGN(auto link, state_->link());
  if (link) return *std::move(link);
  return Error(Code::invalid, fmt::format("{} is not linked to a repository", root_))
      .with_hint("Run `mikura link STORE` there (or `mikura init STORE` for a new repository).");
}

Result<WorkspaceLock> Workspace::lock() {
  TRY_ASSIGN(auto lock, WorkspaceLock::acquire(root_));
  TRY_ASSIGN(tree_, open_posix_tree(root_, *environment_.clock, *environment_.random));
  return lock;
}

Result<BlobStore*> Workspace::store() {
  if (store_ == nullptr) {
    TRY_ASSIGN(const WorkspaceLink linked, link());
    auto remember = [this](const CredentialReport& report) {
      credential_report_.with([&](CredentialReport& latest) { latest = report; });
    };
    TRY_ASSIGN(store_,
               open_environment_store(linked.store_url, environment_, false, std::move(remember)));
  }
  return store_.get();
}

Result<Vault*> Workspace::vault(std::stop_token stop) {
  if (vault_ != nullptr) return vault_.get();
  TRY_ASSIGN(WorkspaceLink linked, link());
  TRY_ASSIGN(BlobStore* const opened, store());
  TRY_ASSIGN(KeyObjects cached, cached_keys(*state_, linked));
  TRY_ASSIGN(vault_, open_vault(*opened, environment_, std::move(cached), opened->describe(),
                                &cache_, stop));
  if (vault_->config().id != linked.repository) {
    vault_.reset();
    return Error(
               Code::corrupt,
               fmt::format("{} now holds another repository than the one this folder is linked to",
                           opened->describe()))
        .with_hint(
            "Check the address. To work with the other repository, clone it into a new folder.");
  }
  const KeyObjects& keys = vault_->key_objects();
  TRY_ASSIGN(const auto known, state_->cached_object(keys.slot_name));
  if (!known || known->data != keys.slot || linked.slot_name != keys.slot_name) {
    TRY(state_->cache_object(kRepositoryName, {keys.repository, ""}));
    TRY(state_->cache_object(keys.slot_name, {keys.slot, ""}));
    linked.slot_name = keys.slot_name;
    TRY(state_->set_link(linked));
  }
  return vault_.get();
}

SyncContext Workspace::context(Vault* vault, TransferCounts& counts) {
  return {vault,
          *tree_,
          *state_,
          *environment_.clock,
          *environment_.random,
          memory_,
          environment_.progress,
          std::max(environment_.concurrency, 1U),
          counts};
}

Result<Author> Workspace::author() {
  TRY_ASSIGN(const DeviceId device,
             load_device_id(environment_.client_folder, *environment_.random));
  TRY(tree_->tidy(kBackupMaxAgeDays, kBackupMaxBytes));
  return Author{device, environment_.device_name, environment_.author, environment_.program};
}

}  // namespace mikura

// Workspace: one opened working copy: its folder, state, store and, when needed, vault. Internal to
// session/.
//
// Opens things lazily, so that a call that needs no key asks for none. One thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/guarded.h"
#include "base/task_group.h"
#include "local/posix_tree.h"
#include "local/state.h"
#include "local/workspace_folder.h"
#include "session/types.h"
#include "sync/context.h"
#include "sync/sync.h"
#include "vault/vault.h"

namespace mikura {

// With the system's clock and random where the front end gave none.
Environment complete(Environment environment);

// Opens the store and the repository with the key that environment.key gives.
Result<std::unique_ptr<Vault>> open_vault(BlobStore& store, const Environment& environment,
                                          KeyObjects cached, const std::string& description,
                                          ObjectCache* cache, std::stop_token stop);
Result<VaultEnvironment> vault_environment(const Environment& environment, ObjectCache* cache);

// Catalogs between runs, in the state of the working copy.
class StateCache final : public ObjectCache {
 public:
  explicit StateCache(State& state) : state_(state) {}
  std::optional<Bytes> get(std::string_view name) override;
  void put(std::string_view name, ByteSpan object) override;

 private:
  State& state_;
};
Result<std::unique_ptr<BlobStore>> open_environment_store(const std::string& url,
                                                          const Environment& environment,
                                                          bool create,
                                                          CredentialObserver on_credentials = {});

class Workspace {
 public:
  // `root` holds a .mikura folder. With `link`, that link is used (and set) instead of the recorded
  // one.
  static Result<std::unique_ptr<Workspace>> open(const std::string& root,
                                                 const Environment& environment);

  const std::string& root() const { return root_; }
  const Environment& environment() const { return environment_; }
  State& state() { return *state_; }
  WorkingTree& tree() { return *tree_; }
  // Code::invalid if the folder is not linked to a repository.
  Result<WorkspaceLink> link();

  Result<BlobStore*> store();
  // What the store's latest search for credentials found; empty if there was none.
  CredentialReport credential_report() const {
    return credential_report_.with([](const CredentialReport& report) { return report; });
  }
  Result<Vault*> vault(std::stop_token stop);
  // For a call that changes the folder. Begins a run: what it replaces goes to a backup folder of
  // its own, however many calls came before.
  Result<WorkspaceLock> lock();
  // Fresh counts for one call. `vault` may be null.
  SyncContext context(Vault* vault, TransferCounts& counts);
  Result<Author> author();

 private:
  Workspace(std::string root, const Environment& environment, std::unique_ptr<State> state,
            std::unique_ptr<WorkingTree> tree);

  std::string root_;
  Environment environment_;
  std::unique_ptr<State> state_;
  std::unique_ptr<WorkingTree> tree_;
  ByteBudget memory_;
  Guarded<CredentialReport> credential_report_;  // written by the store's threads
  StateCache cache_;
  std::unique_ptr<BlobStore> store_;
  std::unique_ptr<Vault> vault_;
};

}  // namespace mikura

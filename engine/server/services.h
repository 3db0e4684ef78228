// Services: what the handlers of all methods work with. Owned by the server; thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "server/call.h"
#include "server/engine.h"
#include "server/folder_states.h"
#include "server/folders.h"
#include "server/peer.h"
#include "server/secrets.h"
#include "server/workers.h"

namespace mikura {

// Who this is, for versions that are published from here.
struct Identity {
  std::string state_folder;  // where this client remembers things, outside every workspace
  std::string author, device;
  std::string version;  // of Mikura
};

class Services {
 public:
  Services(Peer& peer, ServedEngine engine, Identity identity);
  Services(const Services&) = delete;
  Services& operator=(const Services&) = delete;

  // Does `work` for a call; if the key was wrong, drops it and does it once more with another.
  template <class Work>
  auto with_key(Call& call, const Work& work) -> decltype(work()) {
    auto result = work();
    if (!result.failed_with(Code::wrong_key) || !call.key.repository) return result;
    secrets.drop(*call.key.repository, call.key.generation);
    call.key.retry = true;
    auto again = work();
    if (again.failed_with(Code::wrong_key)) secrets.drop(*call.key.repository, call.key.generation);
    return again;
  }

  // A session of the call's folder, which is open.
  Result<Folder::Lease> session(Call& call);
  // For a call that needs none.
  Environment environment(Call& call);

  // The open folders.
  std::shared_ptr<Folder> make_folder(const std::string& path);
  // The sessions of a repository's folders forget their key.
  void reopen_sessions(const RepositoryId& repository);
  // Wipes the key unless an open folder is linked to the repository.
  void forget_unneeded_key(const RepositoryId& repository);

  // How a call that changes a folder ended, for its `folder/state`.
  void note_success(const std::string& folder);
  void note_failure(const Call& call, const Error& error);

  Peer& peer;
  const ServedEngine engine;
  Identity identity;  // set by `initialize`, before there is any other call
  Secrets secrets;
  Folders folders;
  FolderStates states;

 private:
  Environment environment_for(std::shared_ptr<CallSlot> slot);
  Result<KeySource> provide_key(Call& call, const KeyRequest& request);
  Result<SecretBytes> provide_mfa_code(Call& call, const MfaRequest& request,
                                       const std::stop_token& stop);
  // nullopt if nobody can give it.
  Result<std::optional<KeySource>> ask_client(Call& call, const KeyRequest& request);

  const std::shared_ptr<MfaSessions> mfa_sessions_ = make_mfa_sessions();
  // When a code was last refused by the person: calls that were under way ask no more.
  std::atomic<std::chrono::steady_clock::time_point> no_code_given_{};
};

// data.code of a failure, if it is not the error's own. Pure.
std::string own_code(const Call& call, const Error& error);
// The members of an error's `data` (docs/protocol.md). Pure.
Json error_data(const Error& error);
// How a failed call is answered.
Failure failure_of(const Call& call, const Error& error);

}  // namespace mikura

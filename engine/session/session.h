// Session: the façade of the engine; the only API that front ends see.
//
// Plain structs in and out (types.h), progress and a stop_token; no terminal, no environment
// variables, no home folder. One Session is one working copy. It locks the workspace only during
// calls that change it, so several processes may read at once. Thread-safety: one call at a time
// per Session.
//
// Every call either does what it says or leaves things as they were; an interrupted one is finished
// or undone by the next.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "session/types.h"

namespace mikura {

// Creates a repository at request.store_url, probes the store, links the folder. Nothing is
// uploaded but the empty repository; sync does the rest. Code::already_exists if there is a
// repository, Code::unsupported if the store cannot swap safely (and not single_writer).
Result<InitReport> init_repository(const InitRequest& request, const Environment& environment,
                                   std::stop_token stop);

// Links an existing folder to an existing repository. The next sync merges both. Writes nothing to
// the store.
Result<InitReport> link_folder(const LinkRequest& request, const Environment& environment,
                               std::stop_token stop);

// Checks out the latest version into request.folder, which must be empty or absent. A failed clone
// can be run again, or finished by `sync`.
Result<SyncReport> clone_repository(const LinkRequest& request, const Environment& environment,
                                    std::stop_token stop);

// Paths of key files by repository, remembered outside the workspace
// ($client_folder/repositories/<id>/key-file), so that the user names the file once. Only the path
// is kept, never the key.
Result<void> remember_key_file(const std::string& client_folder, const RepositoryId& repository,
                               const std::string& path);
std::optional<std::string> remembered_key_file(const std::string& client_folder,
                                               const RepositoryId& repository);

class Session {
 public:
  // `folder` is the workspace or a folder inside it. Does no request and asks for no key yet.
  static Result<std::unique_ptr<Session>> open(const std::string& folder, Environment environment);
  virtual ~Session() = default;

  virtual const std::string& root() const = 0;

  virtual Result<SyncReport> sync(const SyncRequest& request, std::stop_token stop) = 0;
  // check_remote = false: local only, needs no key and no network.
  virtual Result<StatusReport> status(bool check_remote, std::stop_token stop) = 0;

  // One conditional request: is HEAD another version than the folder was synced with?
  virtual Result<bool> has_remote_news(std::stop_token stop) = 0;
  // The folders of the working tree that are not ignored, "" (the root) first. Needs neither key
  // nor network.
  virtual Result<std::vector<std::string>> folders(std::stop_token stop) = 0;

  // Newest first; calls `each` as they are found; returning false ends the listing.
  virtual Result<void> log(const LogRequest& request,
                           const std::function<bool(const VersionInfo&)>& each,
                           std::stop_token stop) = 0;
  // "HEAD", "HEAD~3", "base", or a unique prefix or suffix (at least 4 characters) of a version's
  // id.
  virtual Result<VersionId> resolve_version(const std::string& text, std::stop_token stop) = 0;
  virtual Result<VersionInfo> version_info(const VersionId& version, std::stop_token stop) = 0;
  virtual Result<std::vector<Entry>> version_entries(const VersionId& version,
                                                     std::stop_token stop) = 0;

  // Differences under any of `paths` (all if empty; each an index path, a file or a folder).
  virtual Result<std::vector<DiffEntry>> diff(const DiffSide& before, const DiffSide& after,
                                              const std::vector<std::string>& paths,
                                              std::stop_token stop) = 0;
  // The content of an entry of a version (or of the working tree), piece by piece. Code::invalid
  // for a directory; a symlink gives its target.
  virtual Result<void> read_content(const DiffSide& side, const std::string& path,
                                    const std::function<Result<void>(ByteSpan)>& sink,
                                    std::stop_token stop) = 0;

  // The same for a file of a version as typed, with its entry, which `begin` sees before the first
  // piece and may refuse. Of the base version (`base`) it asks the repository for the content only.
  virtual Result<Entry> read_version_file(const std::string& version, const std::string& path,
                                          const std::function<Result<void>(const Entry&)>& begin,
                                          const std::function<Result<void>(ByteSpan)>& sink,
                                          std::stop_token stop) = 0;

  virtual Result<RestoreReport> restore(const RestoreRequest& request, std::stop_token stop) = 0;

  virtual Result<DiscardReport> discard(const DiscardRequest& request, std::stop_token stop) = 0;

  virtual Result<std::vector<ConflictInfo>> conflicts() = 0;
  virtual Result<ResolveReport> resolve(const ResolveRequest& request, std::stop_token stop) = 0;

  // How this working copy syncs. Needs neither key nor network.
  virtual Result<WorkspaceSettings> settings() = 0;
  virtual Result<WorkspaceSettings> configure(const ConfigureRequest& request) = 0;

  // Checks credentials, permissions, clock, capabilities, key, state. Never fails itself: failures
  // are in the list.
  virtual std::vector<DoctorCheck> doctor(std::stop_token stop) = 0;

  // Turns what a user typed (absolute, or relative to `from`) into an index path. Code::invalid if
  // it is outside.
  virtual Result<std::string> to_index_path(const std::string& typed, const std::string& from) = 0;
};

}  // namespace mikura

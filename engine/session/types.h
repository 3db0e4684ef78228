// Plain structs that go into and come out of the Session façade: all that a front end (command
// line, JSON-RPC server) sees.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/progress.h"
#include "crypto/random.h"
#include "crypto/uuid.h"
#include "format/entry.h"
#include "format/keyring.h"
#include "format/repository.h"
#include "local/scan.h"
#include "local/watcher_file.h"
#include "merge/plan.h"
#include "store/open_store.h"
#include "sync/report.h"

namespace mikura {

// Asked for the user's key, at most once a session, and only when it is really needed.
struct KeyRequest {
  RepositoryId repository;
  std::string store;             // for the prompt
  bool creating = false;         // init: a new key is chosen, so a passphrase is asked for twice
  bool accepts_key_file = true;  // which kinds of slot the repository has
  bool accepts_passphrase = true;
};
using KeyProvider = std::function<Result<KeySource>(const KeyRequest&)>;

// What a front end provides. Plain references outlive the session.
struct Environment {
  Clock* clock = nullptr;  // null: the system's
  Random* random = nullptr;
  std::string client_folder;  // outside every workspace: what this client remembers
                              // ($XDG_STATE_HOME/mikura)
  std::string author;         // "user@host"
  std::string device_name;    // host name
  std::string program;        // "mikura 0.1.0"
  KeyProvider key;
  MfaPrompt mfa;  // may be empty: nobody can be asked for the code of an MFA device
  std::shared_ptr<MfaSessions> mfa_sessions;  // may be null: each store begins its own
  ProgressSink progress;                      // may be empty
  StoreTrace trace;                           // may be empty
  unsigned concurrency = 32;                  // store requests at once
};

struct InitRequest {
  std::string store_url;
  std::string folder;
  NamingScheme naming = NamingScheme::hmac_sha256;
  bool single_writer = false;
};
struct InitReport {
  RepositoryId repository;
  std::string store;  // description
  StoreCapabilities capabilities;
  NamingScheme naming = NamingScheme::hmac_sha256;
};
struct LinkRequest {
  std::string store_url;
  std::string folder;
};

// What a working copy is linked to, and how it syncs (O1: chosen per workspace).
struct WorkspaceSettings {
  std::string root, store;
  RepositoryId repository;
  Policy policy = Policy::keep_both;
  bool use_gitignore = true;
};
struct ConfigureRequest {
  std::optional<Policy> policy;  // nullopt: as it is
  std::optional<bool> use_gitignore;
};

struct VersionInfo {
  VersionId version;
  std::uint64_t generation = 0;
  std::optional<VersionId> parent;
  std::int64_t created_unix_ms = 0;
  std::string author, device_name, message;
  std::uint64_t files = 0, total_bytes = 0;
  // Against the parent.
  std::uint64_t added = 0, modified = 0, removed = 0;
};

struct StatusReport {
  std::string folder, store;
  RepositoryId repository;
  std::optional<VersionId> base, latest;
  std::uint64_t base_generation = 0, latest_generation = 0;
  bool remote_checked = false;
  std::string remote_problem;        // why the remote could not be checked, for people
  std::vector<SyncAction> local;     // what a push would upload
  std::vector<SyncAction> incoming;  // what a pull would do
  std::vector<ConflictInfo> conflicts;
  std::vector<ScanProblem> problems;
  ScanCounts scanned;
  std::optional<WatcherInfo> watcher;  // the process that keeps the folder in step, if one does
};

struct LogRequest {
  std::optional<std::string> path;  // only versions that changed it (or something beneath it)
  std::uint64_t limit = 0;          // 0 = all
  std::string before;               // a version as typed: only older ones; empty = from the latest
};

// One side of a diff: a version, the working tree, or a tree without anything.
struct DiffSide {
  std::optional<VersionId> version;  // nullopt: the working tree
  bool empty = false;
};
struct DiffEntry {
  Change::Kind kind;
  std::optional<Entry> before, after;
  std::string renamed_from;
  const std::string& path() const { return after ? after->path : before->path; }
};

struct DoctorCheck {
  enum class State : std::uint8_t { ok, warning, failed, skipped };
  std::string name;  // stable: "store.reachable", "store.conditional_create", "key", "clock", ...
  State state = State::ok;
  std::string text;  // what was found
  std::string hint;  // what to do
};

}  // namespace mikura

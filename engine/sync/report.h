// What sync, restore and resolve are asked and what they answer: plain structs, passed up to front
// ends as they are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "crypto/uuid.h"
#include "format/entry.h"
#include "local/scan.h"
#include "merge/plan.h"

namespace mikura {

enum class SyncMode : std::uint8_t { sync, push, pull };
struct SyncRequest {
  SyncMode mode = SyncMode::sync;
  bool dry_run = false;
  bool allow_mass_change = false;  // the guard of design §4 was confirmed
  std::optional<Policy> policy;    // else the workspace's
  std::string message;
  // Index paths of which an editor holds unsaved text: what lies there on disk is neither replaced
  // nor removed. What the repository has new for them stays for a later run.
  std::vector<std::string> hold = {};
};

struct SyncAction {
  enum class Kind : std::uint8_t {
    download_new,
    download_changed,
    delete_local,
    metadata_local,
    upload_new,
    upload_changed,
    delete_remote,
    conflict,
    merge,  // changed on both sides, and merged cleanly (Policy::merge)
  };
  Kind kind;
  std::string path;
  EntryKind entry_kind = EntryKind::file;
  std::uint64_t size_bytes = 0;
  std::string renamed_from;   // for upload_new/download_new that is a rename
  std::string conflict_copy;  // for conflict
};

struct ConflictInfo {
  std::string path;
  std::string copy_path;
  std::int64_t since_unix_ms = 0;
  VersionId remote_version;
  EntryKind remote_kind = EntryKind::file;
  std::optional<VersionId> base_version =
      {};                          // has what both sides come from; nullopt: there is none
  std::string remote_device = {};  // who published remote_version, and when
  std::int64_t remote_created_ms = 0;
};

struct SyncReport {
  bool dry_run = false;
  std::vector<SyncAction> actions;
  std::optional<VersionId> published;  // the version this run published
  std::optional<VersionId> version;    // the latest version after the run
  std::uint64_t generation = 0;
  std::vector<ConflictInfo> conflicts;  // all unresolved ones after the run
  std::vector<ScanProblem> problems;
  std::string backup_folder;  // where replaced files went; empty if none were
  std::uint64_t uploaded_objects = 0, uploaded_bytes = 0;
  std::uint64_t downloaded_objects = 0, downloaded_bytes = 0;
  std::uint64_t publish_attempts = 0;
  bool remote_has_more = false;   // push only: the repository has changes that a pull would bring
  std::vector<std::string> held;  // of SyncRequest::hold, those that kept a change away
};

struct RestoreRequest {
  std::string version;             // as typed: see Session::resolve_version
  std::vector<std::string> paths;  // empty = the whole tree
  std::string to_folder;  // empty = the workspace; else a folder outside, made if missing, where
                          // nothing is overwritten
  bool dry_run = false;
  bool allow_mass_change = false;
  std::vector<std::string> hold = {};  // as in SyncRequest; they are left out
};
struct RestoreReport {
  bool dry_run = false;
  VersionId version;
  std::vector<SyncAction> actions;  // download_new, download_changed, delete_local
  std::string backup_folder;
  std::uint64_t downloaded_objects = 0, downloaded_bytes = 0;
  std::vector<std::string> held;  // of RestoreRequest::hold, those that were left out
};

// Brings paths back to what the working tree was last made equal to.
struct DiscardRequest {
  std::vector<std::string> paths;  // empty = the whole tree
  bool dry_run = false;
  bool allow_mass_change = false;
  std::vector<std::string> hold = {};
};
struct DiscardReport {
  bool dry_run = false;
  std::vector<SyncAction> actions;  // download_new, download_changed, delete_local
  std::string backup_folder;
  std::vector<std::string> held;
};

enum class Resolution : std::uint8_t {
  keep_local,   // the local content stays and is published by the next sync
  take_remote,  // the local content goes to the backup
  keep_both,    // the conflict copy gets a name that is synced
  merge,        // both sides' changes are brought together, if they are texts
};
struct ResolveRequest {
  std::string path;  // in conflict, or its copy
  Resolution resolution = Resolution::keep_local;
  // merge: where both sides changed the same lines, write both between markers and leave the path
  // in conflict. Without it such a merge changes nothing: Code::conflict.
  bool markers = false;
  std::vector<std::string> hold = {};  // Code::refused if one of them would have to be touched
};
struct ResolveReport {
  std::string path;
  Resolution resolution = Resolution::keep_local;
  std::string backup_folder;  // where the local (take_remote, merge) or the copy went
  std::string kept_as = {};   // keep_both: the copy's new name
  std::uint64_t markers = 0;  // merge: conflicts marked in the file; 0: it is resolved
};

}  // namespace mikura

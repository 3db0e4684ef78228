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
  bool remote_has_more = false;  // push only: the repository has changes that a pull would bring
};

struct RestoreRequest {
  std::string version;             // as typed: see Session::resolve_version
  std::vector<std::string> paths;  // empty = the whole tree
  std::string to_folder;  // empty = the workspace; else a folder outside, made if missing, where
                          // nothing is overwritten
  bool dry_run = false;
  bool allow_mass_change = false;
};
struct RestoreReport {
  bool dry_run = false;
  VersionId version;
  std::vector<SyncAction> actions;  // download_new, download_changed, delete_local
  std::string backup_folder;
  std::uint64_t downloaded_objects = 0, downloaded_bytes = 0;
};

enum class Resolution : std::uint8_t { keep_local, take_remote };
struct ResolveReport {
  std::string path;
  Resolution resolution;
  std::string backup_folder;  // where the local (take_remote) or the copy went
};

}  // namespace mikura

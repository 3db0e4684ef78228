// State: what a working copy remembers between runs (.mikura/state.db).
//
// It never holds a secret. It can be deleted at any time: the next run rebuilds it and loses
// nothing (it only has to read more). Every method is one transaction: after a crash it happened or
// it did not. state_db.h is the SQLite implementation. Thread-safe (calls are serialised inside).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/uuid.h"
#include "local/scan.h"

namespace mikura {

// To which repository this folder is linked, and how it syncs.
struct WorkspaceLink {
  RepositoryId repository;
  std::string store_url;  // canonical, without credentials
  std::string slot_name;  // keys/<slot> that opened last
  std::string policy = "keepBoth";
  bool use_gitignore = true;
  friend bool operator==(const WorkspaceLink&, const WorkspaceLink&) = default;
};

// The version that the working tree was last made equal to, but for the exceptions; nothing if
// none.
struct BaseVersion {
  VersionId version;
  Sha256Digest index_sha256;
  std::uint64_t generation = 0;
  friend bool operator==(const BaseVersion&, const BaseVersion&) = default;
};

// A path at which the base is not what the base version holds, because something of that version
// was left for later there (an unreadable path, unsaved text in an editor, a push).
struct BaseException {
  std::string path;                  // "" is the workspace folder itself: for its time
  std::optional<Entry> entry;        // nullopt: nothing
  std::optional<VersionId> version;  // where the entry can be read
  friend bool operator==(const BaseException&, const BaseException&) = default;
};

// The base, complete.
struct BaseRecord {
  BaseVersion version;
  std::vector<BaseException> exceptions;  // ascending by path
  friend bool operator==(const BaseRecord&, const BaseRecord&) = default;
};

// A version that is being brought into the working tree, announced before the first of it is
// placed.
struct ApplyRecord {
  // Where not the version's content is placed, but a merge with it.
  struct Merge {
    std::string path;
    Sha256Digest sha256;  // of the merge
    friend bool operator==(const Merge&, const Merge&) = default;
  };
  BaseVersion version;
  std::vector<Merge> merges;  // ascending by path
  friend bool operator==(const ApplyRecord&, const ApplyRecord&) = default;
};

// An unresolved conflict (M4.2).
struct ConflictRecord {
  std::string path;       // the path in conflict; covers what lies beneath it
  std::string copy_path;  // where the remote content was put
  VersionId remote_version;
  EntryKind remote_kind = EntryKind::file;
  Sha256Digest remote_sha256;  // zero for directories and symlinks
  std::string remote_target;   // symlinks
  std::int64_t since_unix_ms = 0;
  bool copied = false;  // false: announced, the copy may not be complete yet (a killed run)
  std::optional<VersionId> base_version = {};  // has what both sides come from; nullopt: none has
  std::string remote_device = {};              // who published remote_version, and when
  std::int64_t remote_created_ms = 0;
  friend bool operator==(const ConflictRecord&, const ConflictRecord&) = default;
};

// A stored object kept locally, exactly as the store gave it (repository, keys/<slot>, HEAD).
struct CachedObject {
  Bytes data;
  std::string etag;
};

// An encoded segment of an index, kept locally.
struct CachedSegment {
  Sha256Digest sha256;
  Bytes encoded;
};

// How the apply that leads to a base ended: it is over, or of one of its steps it is not known
// whether it was done, and the base's version stays announced.
enum class ApplyEnd : std::uint8_t { over, unsure };

class State {
 public:
  virtual ~State() = default;

  virtual Result<std::optional<WorkspaceLink>> link() = 0;
  // Sets the link. If the repository differs from the one before, everything else is forgotten.
  virtual Result<void> set_link(const WorkspaceLink& link) = 0;

  virtual Result<std::optional<BaseVersion>> base() = 0;
  virtual Result<std::vector<FileRecord>> file_records() = 0;   // ascending by path
  virtual Result<std::vector<ConflictRecord>> conflicts() = 0;  // ascending by path

  // Adds or replaces records by path.
  virtual Result<void> remember_files(std::span<const FileRecord> records) = 0;
  // Forgets the records of all paths but those in `keep` (ascending, unique).
  virtual Result<void> forget_files_except(std::span<const std::string_view> keep) = 0;

  virtual Result<void> put_conflict(const ConflictRecord& conflict) = 0;
  virtual Result<void> remove_conflict(std::string_view path) = 0;

  // The end of a pull or push: the tree now equals `base` (but for conflicts and local changes).
  // Announced publishes up to its generation are forgotten, and the announced apply, unless
  // it did not end surely.
  virtual Result<void> commit_base(const BaseRecord& base, std::span<const FileRecord> records,
                                   ApplyEnd end) = 0;
  Result<void> commit_base(const BaseRecord& base, std::span<const FileRecord> records) {
    return commit_base(base, records, ApplyEnd::over);
  }
  virtual Result<std::vector<BaseException>> base_exceptions() = 0;  // ascending by path

  // What is about to change the working tree, durable when it returns: a run that is killed in the
  // middle leaves paths that are that version's, not the user's. Takes the place of the one before;
  // if that is of the same version, merges are added to it.
  virtual Result<void> announce_apply(const ApplyRecord& apply) = 0;
  virtual Result<std::optional<ApplyRecord>> announced_apply() = 0;

  // What the base becomes if a publish succeeds, recorded before it is tried: a run that is killed
  // or cut off before it knows the outcome must not take its own version for somebody else's.
  // Durable when it returns.
  // Keeps the newest 32.
  virtual Result<void> announce_publish(const BaseRecord& base) = 0;
  virtual Result<std::vector<BaseRecord>> announced_publishes() = 0;  // newest first
  // Those of this generation and older are settled.
  virtual Result<void> forget_publishes(std::uint64_t up_to_generation) = 0;

  // Indexes (encoded plaintext), by version. The caller checks the hash when reading. Keeps the
  // newest 64 and the base's, and the segments that those name, up to 512 MiB.
  virtual Result<std::optional<Bytes>> cached_index(const VersionId& version) = 0;
  virtual Result<void> cache_index(const VersionId& version, ByteSpan encoded) = 0;

  // Segments of indexes (encoded plaintext). The caller checks the hash when reading.
  virtual Result<std::optional<Bytes>> cached_segment(const Sha256Digest& sha256) = 0;
  // Which of `segments` (in order) are not kept.
  virtual Result<std::vector<Sha256Digest>> missing_segments(
      std::span<const Sha256Digest> segments) = 0;
  virtual Result<void> cache_segments(std::span<const CachedSegment> segments) = 0;

  virtual Result<std::optional<CachedObject>> cached_object(std::string_view name) = 0;
  virtual Result<void> cache_object(std::string_view name, const CachedObject& object) = 0;
  virtual Result<void> drop_cached_object(std::string_view name) = 0;

  // Contents that this client has durably stored but perhaps not published yet, so that a killed
  // push resumes. Returns those recorded at or after `since_unix_ms` in this gc_epoch.
  virtual Result<std::vector<Sha256Digest>> uploads(std::int64_t since_unix_ms,
                                                    std::uint64_t gc_epoch) = 0;
  virtual Result<void> remember_uploads(std::span<const Sha256Digest> contents,
                                        std::int64_t now_unix_ms, std::uint64_t gc_epoch) = 0;
  virtual Result<void> forget_uploads() = 0;
};

}  // namespace mikura

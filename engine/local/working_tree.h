// WorkingTree: everything the engine does to the user's folder, behind one seam, so that the
// simulator can own it.
//
// posix_tree.h is the real one. All paths are index paths (format/path.h) relative to the root and
// are validated again here; every access goes through directory handles that cannot leave the root
// or follow a symlink (openat2 RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS; a careful component-wise walk
// where the kernel lacks it).
//
// Never clobbers: an operation that would replace or remove something first checks that it is
// exactly what the plan saw (Expectation), atomically with the replacement (RENAME_EXCHANGE /
// RENAME_NOREPLACE, then a look at what came out, which is put back if it is not it), and moves the
// old thing into the backup folder; it is never unlinked. Otherwise Code::conflict, tree unchanged.
//
// Temporaries live in .mikura/tmp (same file system; beside the target where a mount point lies
// between), so a killed run leaves nothing among the user's files. Nothing is durable before
// flush(). Thread-safety: operations on different paths may run concurrently.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "local/scan.h"

namespace mikura {

struct ScanRequest {
  // Remembered contents, ascending by path.
  const std::vector<FileRecord>& known;
  // Paths that are versioned (base and remote), ascending, unique: included even where an ignore
  // rule matches, as git does.
  const std::vector<std::string_view>& versioned;
  bool use_gitignore = true;     // .gitignore as well as .mikuraignore
  bool read_everything = false;  // ignore `known`: hash every file
  unsigned workers = 0;          // 0 = number of cores
  // Called from time to time, from any thread, with the number of entries seen and bytes hashed.
  // May be empty.
  std::function<void(std::uint64_t entries, std::uint64_t bytes)> progress;
};

// What the plan saw at a path.
struct Expectation {
  enum class Kind : std::uint8_t { absent, node, directory };
  Kind kind = Kind::absent;
  FileStamp stamp;  // for node: a file or symlink

  static Expectation absent() { return {}; }
  static Expectation node(const FileStamp& stamp) { return {Kind::node, stamp}; }
  static Expectation directory() { return {Kind::directory, {}}; }
};

struct NodeStatus {
  EntryKind kind = EntryKind::file;
  FileStamp stamp;
};

// A regular file opened for reading. One thread.
class FileReader {
 public:
  virtual ~FileReader() = default;
  virtual Result<std::size_t> read(MutableByteSpan out) = 0;  // 0 at the end
  // From a place of its own, which read() knows nothing of.
  virtual Result<std::size_t> read_at(std::uint64_t offset, MutableByteSpan out) = 0;
  virtual Result<FileStamp> stamp() = 0;  // of the open file, now
};

// A new file being written, not yet in the tree. Dropping it discards it. One thread.
class StagedFile {
 public:
  virtual ~StagedFile() = default;
  virtual Result<void> write(ByteSpan bytes) = 0;
  // The content is complete. Closes the descriptor: tens of thousands of finished files may wait to
  // be placed.
  virtual Result<void> finish() = 0;
};

struct Metadata {
  std::uint16_t mode = 0644;
  std::int64_t mtime_ns = 0;
};

class WorkingTree {
 public:
  virtual ~WorkingTree() = default;

  virtual Result<ScannedTree> scan(const ScanRequest& request, std::stop_token stop) = 0;

  // nullopt if nothing is there. "" is the root itself. Not for sockets and the like:
  // Code::unsupported.
  virtual Result<std::optional<NodeStatus>> inspect(std::string_view path) = 0;

  virtual Result<std::unique_ptr<FileReader>> open_file(std::string_view path) = 0;

  virtual Result<std::unique_ptr<StagedFile>> stage_file() = 0;

  // Puts a finished staged file, with its metadata, at `path`. Parent directories must exist.
  // Returns the stamp it has there. An existing conflict-copy or user file is never replaced unless
  // `expected` describes it.
  virtual Result<FileStamp> place_file(std::unique_ptr<StagedFile> staged, std::string_view path,
                                       const Expectation& expected, const Metadata& metadata) = 0;
  virtual Result<FileStamp> place_symlink(std::string_view path, std::string_view target,
                                          const Expectation& expected, std::int64_t mtime_ns) = 0;
  // Creates the directory with mode | 0700 for now; set_metadata gives the final mode. An existing
  // directory is fine. With a node expectation, what is there goes to the backup first.
  virtual Result<void> make_directory(std::string_view path, const Expectation& expected) = 0;
  // Moves a file or symlink to the backup, or removes an empty directory. A directory that is not
  // empty: Code::refused. Already absent: fine.
  virtual Result<void> remove(std::string_view path, const Expectation& expected) = 0;

  // Gives what `expected` describes (a file, a symlink, a folder with all that is in it) another
  // name in the same folder. Code::already_exists, nothing changed, if the name is taken.
  virtual Result<void> rename(std::string_view path, std::string_view new_name,
                              const Expectation& expected) = 0;

  // Sets permission bits and modification time of what `expected` describes. "" is the root (mode
  // is left alone there).
  virtual Result<FileStamp> set_metadata(std::string_view path, const Expectation& expected,
                                         const Metadata& metadata) = 0;

  // When it returns, everything done before is durable.
  virtual Result<void> flush() = 0;

  // Removes temporaries that a killed run left, and old backups: older than max_age_days, or,
  // oldest first, beyond max_total_bytes.
  virtual Result<void> tidy(unsigned max_age_days, std::uint64_t max_total_bytes) = 0;

  // The backup folder of this run, relative to the root (".mikura/backup/20260102.030405"), or
  // empty if nothing was backed up.
  virtual std::string backup_folder() const = 0;
};

}  // namespace mikura

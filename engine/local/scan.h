// What a scan of the working tree finds (design §3), and what is remembered so that the next one
// need not read every file.
//
// Plain values. The racy rule (docs/working-tree.md, after git's racy-git): a remembered hash is
// used only if the stamp is equal AND was safely older than the moment of hashing; else the file is
// read again.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "format/entry.h"

namespace mikura {

// What statx said about a node. Equal stamps (and a record that is not racy) mean unchanged
// content.
struct FileStamp {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size_bytes = 0;
  std::int64_t mtime_ns = 0;
  std::int64_t ctime_ns = 0;
  std::uint32_t mode = 0;  // full st_mode
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

// A file whose content is known. Kept in the state between runs.
struct FileRecord {
  std::string path;
  FileStamp stamp;
  Sha256Digest sha256;
  ContentForm form = ContentForm::whole;
  Sha256Digest content;
  // The file could have changed after hashing without its stamp telling: read it again next time.
  bool racy = false;
  friend bool operator==(const FileRecord&, const FileRecord&) = default;
};

struct ScanProblem {
  enum class Kind : std::uint8_t {
    unreadable,        // a file or folder that cannot be opened: left alone on both sides
    unsupported_kind,  // socket, device, FIFO: skipped
    bad_name,          // not UTF-8 or otherwise impossible in an index: skipped
    not_portable,      // fine here, but another platform could not hold it: synced
    unstable,          // kept changing while it was read: left alone this time
  };
  Kind kind;
  std::string path;    // for bad_name: with invalid bytes as \xNN
  std::string reason;  // for people
};

struct ScanCounts {
  std::uint64_t files = 0, directories = 0, symlinks = 0, ignored = 0;
  std::uint64_t hashed_files = 0, hashed_bytes = 0;
};

struct ScannedTree {
  std::vector<Entry> entries;  // ascending by path, parents before children; no ".mikura", ".git",
                               // conflict copies, ignored
  std::vector<FileStamp> stamps;    // stamps[i] belongs to entries[i]
  std::vector<FileRecord> records;  // of files hashed in this scan, to be remembered
  std::vector<ScanProblem> problems;
  std::uint16_t root_mode = 0755;
  std::int64_t root_mtime_ns = 0;
  ScanCounts counts;
};

}  // namespace mikura

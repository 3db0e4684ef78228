// Entry: one path of a version or of a working tree: what an index records of it (M1.1).
//
// Plain value. Invariants (checked by decode_index and by the scanner): path is valid; mode <=
// 0777; files have a sha256 and a content form; symlinks have a target; directories have neither.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/id.h"

namespace mikura {

enum class EntryKind : std::uint8_t { file = 1, directory = 2, symlink = 3 };

// How a file's content is stored (docs/format.md, "Content").
enum class ContentForm : std::uint8_t {
  none = 0,    // directories, symlinks
  whole = 1,   // one blob: content == sha256
  chunks = 2,  // content is the SHA-256 of a chunk list object
};

struct Entry {
  std::string path;
  EntryKind kind = EntryKind::file;
  std::uint16_t mode = 0644;     // permission bits, 0777; 0777 for symlinks
  std::int64_t mtime_ns = 0;     // since 1970, UTC
  std::uint64_t size_bytes = 0;  // file: content; symlink: target; directory: 0
  Sha256Digest sha256;           // file: SHA-256 of the whole content
  ContentForm form = ContentForm::none;
  Sha256Digest content;  // what to fetch, see ContentForm
  std::string target;    // symlink

  friend bool operator==(const Entry&, const Entry&) = default;
};

// Same thing for a user: kind, mode, and content or target. Modification times are recorded but a
// touch alone is no change (docs/sync.md, "What is a change"). Paths are not compared.
inline bool same_content(const Entry& a, const Entry& b) {
  return a.kind == b.kind && a.mode == b.mode && a.sha256 == b.sha256 && a.target == b.target;
}

}  // namespace mikura

// A file that is being written: in `.tmp` of the store's root, until it is whole and gets its name
// in one step.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/file.h"
#include "base/result.h"
#include "store/dir_files.h"

namespace mikura {

// Where an object's file goes: a folder's handle and the name in it. `path` is for messages.
struct DirTarget {
  int folder = -1;
  std::string leaf;
  std::string path;
};

// One thread at a time. Invariant: the file is removed with the object unless it has got its name.
class TemporaryFile {
 public:
  // Writes all of `data`. The file's stamp (store/dir_etag.h) is later than `after_ns`.
  static Result<TemporaryFile> write(const DirRoot& root, ByteSpan data, std::int64_t after_ns);
  TemporaryFile(TemporaryFile&& other) noexcept
      : folder_(std::move(other.folder_)),
        name_(std::exchange(other.name_, {})),
        path_(std::move(other.path_)),
        file_(std::move(other.file_)),
        etag_(std::move(other.etag_)) {}
  TemporaryFile& operator=(TemporaryFile&&) = delete;
  ~TemporaryFile();

  const std::string& etag() const { return etag_; }
  // Makes the bytes durable. The name is the folder's business (sync_folders).
  Result<void> sync();

  // Takes a name that nobody has: false if it is taken. Atomic between processes.
  // Code::unsupported, without an effect, if the file system does not know this way.
  Result<bool> create_by_rename(const DirTarget& target);
  Result<bool> create_by_link(const DirTarget& target);
  // Takes the name, whoever has it.
  Result<void> replace(const DirTarget& target);

 private:
  TemporaryFile(Fd folder, std::string name, std::string path, Fd file)
      : folder_(std::move(folder)),
        name_(std::move(name)),
        path_(std::move(path)),
        file_(std::move(file)) {}
  Result<void> fill(ByteSpan data, std::int64_t after_ns);

  Fd folder_;
  std::string name_;  // in folder_; empty when it is not there any more
  std::string path_;  // for messages
  Fd file_;
  std::string etag_;
};

// Removes temporary files that have not been touched for a day: their writers are dead. A failure
// does no harm and is not reported.
void remove_stale_temporaries(const DirRoot& root);

}  // namespace mikura

// A BlobStore in a folder (file://): each object is the file <root>/<name>, so that ordinary tools
// can copy a store.
//
// Thread-safe, and safe between processes on one file system (docs/stores.md says how, and what
// network file systems change). Beside the objects the folder holds `.tmp/` (files being written)
// and `.lock`; no name of an object begins with '.'. Symbolic links in the folder are never
// followed.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "store/blob_store.h"

namespace mikura {

struct DirStoreOptions {
  // Make the folder and its parents; else it must exist.
  bool create = false;

  // How a new name is taken. Each way is tried when the one before is unknown to the file system;
  // tests force the later.
  enum class Placement { rename, link, lock };
  Placement placement = Placement::rename;

  // Never syncfs: as on file systems where it does not reach the disk.
  bool flush_each_file = false;
};

// Code::not_found if there is no such folder, Code::denied if it cannot be read. A folder without
// permission to write can be read. Removes temporary files that a crashed writer left more than a
// day ago.
Result<std::unique_ptr<BlobStore>> open_dir_store(const std::string& path,
                                                  const DirStoreOptions& options);

}  // namespace mikura

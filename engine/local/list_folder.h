// Listing one folder: which of the nodes in it count, and what statx says of them. Internal to
// local/.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "local/listing.h"
#include "local/scanner.h"

namespace mikura {

// One per worker: holds its buffers.
class FolderLister {
 public:
  FolderLister(const ScanRoot& root, const ScanRequest& request);

  // Fills `folder` (whose path, scope and is_ignored are set). Folders in it are made, not listed.
  // Returns an errno if the folder cannot be listed; what was found before that is in `folder`.
  int list(ListedFolder& folder);

 private:
  struct Found {
    std::size_t at, size;  // in ListedFolder::names
    unsigned char type;    // DT_*
  };
  struct Name {
    std::string_view text;  // in ListedFolder::names
    unsigned char type;
  };

  int read_names(int fd, ListedFolder& folder);
  void read_ignore_rules(int fd, ListedFolder& folder);
  void visit(int fd, const Name& name, ListedFolder& folder);
  bool is_never_synced(std::string_view name, const ListedFolder& folder) const;
  bool is_ignored(std::string_view name, bool is_directory, const ListedFolder& folder,
                  bool& ignored_by_rule) const;
  bool check_name(std::string_view name, ListedFolder& folder);
  bool read_target(int fd, ListedNode& node, ListedFolder& folder);
  void note(ListedFolder& folder, ScanProblem::Kind kind, std::string reason);

  const ScanRoot root_;
  const ScanRequest& request_;
  Bytes buffer_;  // what getdents64 fills
  std::vector<Found> found_;
  std::vector<Name> listed_;
  std::string path_;  // of the node at hand
};

}  // namespace mikura

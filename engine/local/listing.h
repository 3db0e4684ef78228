// Listing and stat-ing a whole tree, in parallel. Internal to local/.
//
// Each folder is one task; a worker opens it by its path from the root (beneath.h), so the number
// of open handles is the number of workers, however deep the tree. Ignored things are dropped here
// and never stat-ed.
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "local/ignore.h"
#include "local/scan.h"
#include "local/scanner.h"

namespace mikura {

struct ListedFolder;

struct ListedNode {
  std::string_view name;  // in ListedFolder::names, ended by a zero byte
  FileStamp stamp;
  std::string target;                    // symlinks
  std::unique_ptr<ListedFolder> folder;  // directories
};

struct ListedFolder {
  std::string path;
  std::vector<char> names;        // one allocation for all
  std::vector<ListedNode> nodes;  // ascending by name; nothing ignored
  std::vector<ScanProblem> problems;
  std::uint64_t ignored = 0;
  bool is_empty = true;     // nothing at all was in it
  bool is_gone = false;     // it vanished, or is no folder any more
  bool is_ignored = false;  // by a rule: only what is versioned in it counts

  IgnoreScope scope;  // of the parent, while it is being listed
};

struct ListedTree {
  std::unique_ptr<ListedFolder> root;
  FileStamp stamp;  // of the root
};

Result<ListedTree> list_tree(const ScanRoot& root, const ScanRequest& request, unsigned workers,
                             std::stop_token stop);

}  // namespace mikura

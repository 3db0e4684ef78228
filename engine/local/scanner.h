// The scan of a real folder (working_tree.h says what it finds). Internal to local/.
//
// Two passes: walk.cc lists and stats everything in parallel; then the files whose content is not surely known are hashed in parallel.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "local/working_tree.h"

namespace mikura {

// What the walk sees of one node.
struct WalkedNode {
  std::string path;
  FileStamp stamp;
  std::string target;            // symlinks
  bool has_content = false;      // directories: something is in it on disk, perhaps ignored
};

struct Walk {
  std::vector<WalkedNode> nodes;  // ascending by path; directories without anything to report removed
  std::vector<ScanProblem> problems;
  std::uint64_t ignored = 0;
};

// Walks the tree beneath the handle `root`. Code::io or denied only if the root itself cannot be read.
Result<Walk> walk_tree(int root, const ScanRequest& request, std::stop_token stop);

Result<ScannedTree> scan_folder(int root, const ScanRequest& request, Clock& clock, std::stop_token stop);

}  // namespace mikura

// Bringing contents from the repository into staged files, verified before anything in the tree is
// touched.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "sync/context.h"

namespace mikura {

// Contents that already lie in the working tree: a file renamed elsewhere need not travel again
// (design §4). Only a hint: what is read is verified.
class LocalContents {
 public:
  explicit LocalContents(const std::vector<Entry>& scanned);
  const std::string* path_of(const Sha256Digest& sha256) const;
  // A file in this place that is large enough to be rebuilt from: another version of what is
  // wanted there holds most of it. Null if there is none.
  const std::string* large_file_at(const std::string& path) const;

 private:
  std::unordered_map<Sha256Digest, const std::string*> by_content_;
  std::unordered_set<std::string> large_;
};

// Passes the content of a file entry to `sink`, piece by piece, each piece authenticated; the whole
// is verified against entry.sha256 and size before the call succeeds (a sink must not act for good
// on an unfinished content).
Result<void> fetch_content(const SyncContext& context, const Entry& entry,
                           const std::function<Result<void>(ByteSpan)>& sink, std::stop_token stop);

// Stages the contents of `files` (kind file), in parallel. Result i belongs to files[i]. Nothing in
// the tree changes.
Result<std::vector<std::unique_ptr<StagedFile>>> stage_contents(
    const SyncContext& context, const std::vector<const Entry*>& files, const LocalContents& local,
    std::stop_token stop);

}  // namespace mikura

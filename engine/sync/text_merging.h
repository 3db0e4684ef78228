// Merging the two sides of a conflict, if they are texts: on request (`resolve --merge`) and by the
// policy `merge`.
#pragma once

#include <string>
#include <vector>

#include "merge/text_merge.h"
#include "sync/context.h"
#include "sync/snapshot.h"

namespace mikura {

// The three sides of one path: files. `base` may be nullptr: both sides added the path.
struct MergeSides {
  const Entry* base = nullptr;
  const Entry* local = nullptr;
  const Entry* remote = nullptr;
};

// A merged content with the permission bits that go with it.
struct MergedFile {
  MergedText merged;
  std::uint16_t mode = 0644;
};

// Code::unsupported if they are not three texts of a size that can be merged; Code::conflict if the
// local file is no longer what the scan saw. Changes nothing.
Result<MergedFile> merge_file(const SyncContext& context, const MergeSides& sides,
                              MarkerStyle style, const MergeLabels& labels, std::stop_token stop);

// Puts it where the local file is, which goes to the backup. The record of what was placed.
Result<FileRecord> place_merged(const SyncContext& context, const MergedFile& file,
                                const std::string& path, const Expectation& expected);

// The entry of a path in an earlier version. Code::not_found if the version is not in the history
// any more.
Result<std::optional<Entry>> entry_in_version(const SyncContext& context, const VersionId& version,
                                              const std::string& path, std::stop_token stop);

}  // namespace mikura

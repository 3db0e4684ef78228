// Rows: three sorted trees joined by path, the table that the planner works on.
//
// Internal to merge/, and to what finds out what a killed apply did. Rows are ascending by path, so
// a folder's content is one run of rows; it need not begin right behind the folder ("a", "a-b",
// "a/b"). Rows point into the trees they were made from. Thread-safety: plain values.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "format/entry.h"
#include "merge/plan.h"

namespace mikura {

// One path on all three sides, and what is decided for it.
struct Row {
  const std::string* path = nullptr;
  const Entry* base = nullptr;
  const Entry* local = nullptr;
  const Entry* remote = nullptr;

  const Entry* result = nullptr;  // what the version to publish holds
  LocalOp local_op = LocalOp::none;
  RemoteOp remote_op = RemoteOp::none;
  bool covered = false;  // at or beneath a path that is left alone
  bool conflict = false;
  bool mergeable = false;
  bool in_new_conflict = false;   // at or beneath a path with `conflict`
  bool keeps_base = false;        // the remote's change is not applied, whatever the reason
  bool takes_local_time = false;  // `result`, with the local modification time
};

struct RowRange {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// CHECKs that each tree is ascending and unique: a plan made from anything else could remove what
// it must keep.
std::vector<Row> join_rows(const std::vector<Entry>& base, const std::vector<Entry>& local,
                           const std::vector<Entry>& remote);

// The first row whose path is not less than `path`.
std::size_t row_position(const std::vector<Row>& rows, std::string_view path);

// The rows strictly beneath `folder`, looked for from row `from` on. Cheap if they are near. "" is
// the root: all rows.
RowRange rows_beneath(const std::vector<Row>& rows, std::string_view folder, std::size_t from);

}  // namespace mikura

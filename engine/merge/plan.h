// The three-way plan: what to do to the working tree and what to publish, decided from three lists
// of entries (M4.1, M4.2, O1).
//
// Pure: no clock, disk or store; the same input gives the same plan. `--dry-run` prints it. The
// decision table is docs/sync.md.
// Thread-safety: pure functions.
//
// What always holds:
// * same content on both sides is never a conflict, whatever the base says;
// * an edit is never lost to a delete: edit against delete keeps the edit, on both sides;
// * a path in conflict is left alone on both sides until it is resolved: local keeps its content,
//   `result` keeps the remote's;
// * with local == remote the plan is empty (modification times aside);
// * carrying out the plan and planning again with base = result gives an empty plan, but for paths
//   in conflict.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "format/entry.h"

namespace mikura {

enum class Policy : std::uint8_t {
  keep_both,        // the remote content lands beside the local file as a conflict copy (default)
  last_write_wins,  // the newer modification time wins; the loser is in the backup or the history
  merge,            // texts that merge cleanly are merged (by the caller), else as keep_both
};

// "keepBoth", "lastWriteWins", "merge": as users write them and the state keeps them.
std::string_view policy_name(Policy policy);
std::optional<Policy> policy_named(std::string_view name);

// What to do to one path of the working tree, to make it what the remote has.
enum class LocalOp : std::uint8_t { none, create, replace, remove, set_metadata };
// What one path becomes in the published version.
enum class RemoteOp : std::uint8_t { none, add, replace, remove };

struct PlanItem {
  std::string path;
  LocalOp local_op = LocalOp::none;
  RemoteOp remote_op = RemoteOp::none;
  // Both sides changed in ways that cannot both be kept at this path. Under keep_both: local stays,
  // a copy of `remote` (with all that lies beneath it, if it is a directory) lands beside it.
  // Covers everything beneath `path`.
  bool conflict = false;
  // Policy::merge: a conflict of three files, to be tried before it becomes one.
  bool mergeable = false;
  // The sides as the plan saw them; nullptr where the path does not exist. They point into the
  // input.
  const Entry* base = nullptr;
  const Entry* local = nullptr;
  const Entry* remote = nullptr;
};

struct PlanInput {
  // Each ascending by path, unique, parents before children. Must outlive the plan.
  const std::vector<Entry>& base;    // last common version; empty if there is none
  const std::vector<Entry>& local;   // the scan
  const std::vector<Entry>& remote;  // the latest version; empty if there is none
  // Paths recorded as in conflict and not yet resolved; each covers what lies beneath it. One whose
  // folder is gone from `local` went with it.
  const std::set<std::string>& in_conflict;
  // Paths (and all beneath) that the scan could not read: neither touched nor published, nor taken
  // for deleted.
  const std::set<std::string>& unreadable;
  Policy policy = Policy::keep_both;
  // Paths (and all beneath) whose nodes on disk must stay as they are, because an editor holds
  // unsaved text of them: what the remote has new there is left for later. What they hold on disk
  // is published like anything else.
  std::set<std::string> held = {};
};

// A path at which the base of the next plan is what it was for this one; nullptr: absent.
struct KeptBase {
  std::string path;
  const Entry* base = nullptr;
};

struct PlanCounts {
  std::uint64_t local_creates = 0, local_replaces = 0, local_removes = 0, local_metadata = 0;
  std::uint64_t remote_adds = 0, remote_replaces = 0, remote_removes = 0;
  std::uint64_t conflicts = 0;
};

struct Plan {
  std::vector<PlanItem> items;  // ascending by path; only paths with an op or a conflict
  // The tree to publish as child of the remote version: remote with the local changes, conflicts
  // and unreadable paths as the remote has them. Ascending, valid for encode_index (parents
  // present).
  std::vector<Entry> result;
  PlanCounts counts;
  // Unreadable paths at or beneath which the remote differs from the base: its change could not be
  // applied. And those of PlanInput::held that kept a change away.
  std::vector<std::string> held_back;
  std::vector<std::string> held;
  // Once the plan is carried out, the base is `result`, but for these paths (ascending): there the
  // remote's change was not applied, and if the base advanced over them, their old content would
  // pass for an edit of the new one.
  std::vector<KeptBase> keeps_base;
  // The same in addition, if only the remote operations are carried out (a push).
  std::vector<KeptBase> unapplied;

  bool changes_local() const;   // any local_op, or a new conflict
  bool changes_remote() const;  // any remote_op: `result` differs from `remote`, times aside
};

Plan make_plan(const PlanInput& input);

// Two-way comparison of any two trees, for status, log and diff. Ascending by path.
struct Change {
  enum class Kind : std::uint8_t { added, removed, modified, mode_changed, kind_changed };
  Kind kind;
  const Entry* before = nullptr;
  const Entry* after = nullptr;
  const std::string& path() const { return after != nullptr ? after->path : before->path; }
};
std::vector<Change> compare_trees(const std::vector<Entry>& before,
                                  const std::vector<Entry>& after);

// Pairs of (removed, added) files with the same non-empty content: shown as renames. Each entry is
// in one pair at most.
struct Rename {
  const Entry* from = nullptr;
  const Entry* to = nullptr;
};
std::vector<Rename> find_renames(const std::vector<Change>& changes);

}  // namespace mikura

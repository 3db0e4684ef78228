// An apply that was killed, found out by the next run.
//
// Before anything is placed, the version that is brought is announced in the state. Whatever the
// tree holds afterwards just as that version has it ("nothing" included) was brought, or is as good
// as brought: there the base is that version, and the next version's change of it is no conflict
// with the user and no deletion is taken for his (docs/sync.md, "After a crash").
// Thread-safety: values, and functions for the holder of the workspace lock.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "format/index.h"
#include "local/scan.h"
#include "sync/context.h"

namespace mikura {

struct UnfinishedApply {
  ApplyRecord record;
  Index tree;  // of record.version
};

// nullopt if the last one ended, or if its version is not to be had any more.
Result<std::optional<UnfinishedApply>> find_unfinished_apply(const SyncContext& context,
                                                             std::stop_token stop);

// For what changes the tree next, but not towards the repository's latest version: what a killed
// run brought must not pass for its doing, nor its doing for what is still to be brought.
Result<void> settle_unfinished_apply(const SyncContext& context, bool use_gitignore,
                                     std::stop_token stop);

// A base as it was loaded: `tree` is complete, the record's exceptions included.
struct KnownBase {
  std::optional<BaseVersion> version;
  std::vector<BaseException> exceptions;  // ascending by path
  Index tree;
  friend bool operator==(const KnownBase&, const KnownBase&) = default;
};

// The base with what the apply brought; nullopt if it brought nothing. Its version is the old one
// or the apply's, whichever leaves fewer exceptions. What could not be read is not judged. Pure.
std::optional<KnownBase> with_applied(const KnownBase& base, const UnfinishedApply& apply,
                                      const ScannedTree& local,
                                      const std::set<std::string>& unreadable,
                                      const std::vector<ConflictRecord>& conflicts);

}  // namespace mikura

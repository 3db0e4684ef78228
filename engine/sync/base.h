// The base: what the working tree was last made equal to, path by path.
//
// It is a version, and exceptions: paths at which something of that version was left for later
// (docs/sync.md, "The base"). So it can advance although not everything was applied, and nobody's
// own version is ever taken for somebody else's: what a publish would make of it is announced
// before the publish is tried.
// Thread-safety: values, and functions for the holder of the workspace lock.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "merge/plan.h"
#include "sync/context.h"

namespace mikura {

// The complete base: `version` with the exceptions in place. `exceptions` ascend.
Index with_exceptions(Index version, const std::vector<BaseException>& exceptions);

// The version in which the base entry of `path` can be read; nullopt if there is none.
std::optional<VersionId> origin_of(const std::string& path, const Index& base,
                                   const std::optional<BaseVersion>& version,
                                   const std::vector<BaseException>& exceptions);

// The exceptions of the next base, where it keeps what this one has at the paths of `kept` (any
// order, any number of times).
std::vector<BaseException> kept_exceptions(const std::vector<KeptBase>& kept, const Index& base,
                                           const std::optional<BaseVersion>& version,
                                           const std::vector<BaseException>& exceptions);

// The newest announced publish that is newer than the base and part of `head`'s history: the run
// that made it was cut off before it could make it the base. nullopt if there is none. Reads
// nothing from the repository if none is announced.
Result<std::optional<BaseRecord>> find_unnoticed_publish(const SyncContext& context,
                                                         const Head& head, std::stop_token stop);

}  // namespace mikura

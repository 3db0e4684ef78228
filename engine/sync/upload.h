// Storing the contents of files of the working tree, each once, resumable after a kill.
#pragma once

#include <string>
#include <unordered_set>
#include <vector>

#include "sync/context.h"

namespace mikura {

struct UploadOutcome {
  // Files that no longer are what the scan saw: they must not be published as scanned.
  std::vector<std::string> changed_meanwhile;
};

// Stores what `files` (kind file) need and `known` does not hold yet, and says in those of at least
// kChunkedFromBytes how they are stored. `known` is what the repository surely has: the contents
// that the version under us references (docs/sync.md, "What need not travel"); `before` are the
// entries of that version, ascending; `head` is what we build on. Many blobs go into packs; then
// what was stored can be read only once HEAD names the pending catalogs (sync/pending_catalogs.h).
// Everything is durable when it returns.
Result<UploadOutcome> upload_contents(const SyncContext& context, const std::vector<Entry*>& files,
                                      const std::vector<Entry>& before,
                                      std::unordered_set<Sha256Digest> known, const Head& head,
                                      std::stop_token stop);

}  // namespace mikura

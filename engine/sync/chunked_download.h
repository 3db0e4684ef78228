// Bringing a large file: chunk by chunk, from the local file where it has them, from the store
// otherwise; in windows, so that memory is bounded whatever the file's size.
#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include "sync/context.h"

namespace mikura {

struct RebuildOptions {
  const std::string* local = nullptr;  // a file of the tree that may hold some of it, if any
  bool keep_list = false;              // the content will lie in its place: for its next edit
};

// As fetch_content (sync/download.h), for an entry of form chunks.
Result<void> fetch_chunks(const SyncContext& context, const Entry& entry,
                          const RebuildOptions& options,
                          const std::function<Result<void>(ByteSpan)>& sink, std::stop_token stop);

}  // namespace mikura

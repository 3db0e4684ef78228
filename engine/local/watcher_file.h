// .mikura/watcher: by it other processes know that somebody keeps this folder in step, and how that
// goes (`mikura status`, editors).
//
// Text, a key and a value per line; replaced atomically; holds no secret. It counts only as long as
// the process that wrote it lives: its id may be given to another one, so its start time counts
// too. Thread-safe: plain functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"

namespace mikura {

struct WatcherInfo {
  std::int64_t pid = 0;
  std::string program;  // "mikura 0.1.0"
  std::int64_t since_ms = 0;
  std::string activity;               // as in docs/protocol.md
  std::int64_t last_sync_ms = 0;      // 0: none yet
  std::uint64_t generation = 0;       // of the last sync
  std::string problem_code, problem;  // empty: there is none
  std::string degraded;               // why changes are only found by looking
  friend bool operator==(const WatcherInfo&, const WatcherInfo&) = default;
};

// Of this process: pid is filled in.
Result<void> write_watcher_file(const std::string& root, const WatcherInfo& info);
// Only if this process wrote it.
void remove_watcher_file(const std::string& root);
// nullopt if nobody watches: no file, one that makes no sense, or one whose process is gone.
std::optional<WatcherInfo> read_watcher_file(const std::string& root);

}  // namespace mikura

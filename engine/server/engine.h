// ServedEngine: what the server calls of the session façade, as values that a test can replace.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "session/aws_profiles.h"
#include "session/inspection.h"
#include "session/session.h"
#include "session/watch_folder.h"

namespace mikura {

struct ServedEngine {
  std::function<Result<InitReport>(const InitRequest&, const Environment&, std::stop_token)> init;
  std::function<Result<InitReport>(const LinkRequest&, const Environment&, std::stop_token)> link;
  std::function<Result<SyncReport>(const LinkRequest&, const Environment&, std::stop_token)> clone;
  std::function<Result<std::unique_ptr<Session>>(const std::string& folder, Environment)> open;
  std::function<Result<std::optional<FolderInfo>>(const std::string& folder)> inspect_folder;
  std::function<Result<StoreInspection>(const std::string& store_url, const Environment&,
                                        std::stop_token)>
      inspect_store;
  std::function<Result<KeyCheck>(const std::string& store_url, const Environment&, std::stop_token)>
      check_key;
  std::function<Result<std::vector<std::string>>()> profiles;
  std::function<Result<std::unique_ptr<Watch>>(const std::string& root, const AutoSyncSettings&,
                                               const Environment&, WatchHooks)>
      watch;
};

// The engine itself.
inline ServedEngine real_served_engine() {
  return {init_repository, link_folder, clone_repository,  Session::open, inspect_folder,
          inspect_store,   check_key,   list_aws_profiles, watch_with};
}

}  // namespace mikura

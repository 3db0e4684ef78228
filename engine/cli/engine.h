// Engine: what the command calls of the session façade, as values that a test can replace.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "session/session.h"

namespace mikura {

struct Engine {
  std::function<Result<InitReport>(const InitRequest&, const Environment&, std::stop_token)> init;
  std::function<Result<InitReport>(const LinkRequest&, const Environment&, std::stop_token)> link;
  std::function<Result<SyncReport>(const LinkRequest&, const Environment&, std::stop_token)> clone;
  std::function<Result<std::unique_ptr<Session>>(const std::string& folder, Environment)> open;
  std::function<Result<void>(const std::string& client_folder, const RepositoryId&,
                             const std::string& path)>
      remember_key_file;
  std::function<std::optional<std::string>(const std::string& client_folder, const RepositoryId&)>
      remembered_key_file;
};

// The engine itself.
inline Engine real_engine() {
  return {init_repository, link_folder,       clone_repository,
          Session::open,   remember_key_file, remembered_key_file};
}

}  // namespace mikura

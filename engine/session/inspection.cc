#include "session/inspection.h"

#include <fmt/format.h>

#include <filesystem>

#include "local/workspace_folder.h"
#include "session/workspace.h"
#include "vault/inspect.h"

namespace mikura {

Result<std::optional<FolderInfo>> inspect_folder(const std::string& folder) {
  std::error_code failure;
  if (!std::filesystem::is_directory(folder, failure)) {
    return Error(Code::not_found, fmt::format("there is no folder {}", folder))
        .with_hint("It may have been moved or deleted.");
  }
  auto root = find_workspace_root(folder);
  if (root.failed_with(Code::not_found)) return std::optional<FolderInfo>();
  if (!root) return std::move(root).error();
  TRY_ASSIGN(const auto workspace, Workspace::open(*root, {}));
  TRY_ASSIGN(auto link, workspace->state().link());
  if (!link) return std::optional<FolderInfo>();
  FolderInfo info;
  info.root = *std::move(root);
  info.store = link->store_url;
  info.repository = link->repository;
  info.policy = link->policy;
  info.use_gitignore = link->use_gitignore;
  TRY_ASSIGN(const auto object, workspace->state().cached_object(kRepositoryName));
  if (object) {
    // Only told to people: what is acted on is authenticated when the repository is opened.
    const auto config = decode_repository(object->data);
    info.single_writer = config && config->single_writer;
  }
  return std::optional<FolderInfo>(std::move(info));
}

Result<StoreInspection> inspect_store(const std::string& store_url, const Environment& given,
                                      std::stop_token stop) {
  const Environment environment = complete(given);
  TRY_ASSIGN(const StoreUrl url, StoreUrl::parse(store_url));
  auto store = open_environment_store(store_url, environment, false);
  // A folder that `init` would make.
  if (store.failed_with(Code::not_found) && url.scheme == StoreUrl::Scheme::file) {
    return StoreInspection{};
  }
  if (!store) return std::move(store).error();
  TRY_ASSIGN(const auto found, inspect_repository(**store, std::move(stop)));
  StoreInspection inspection;
  if (!found) return inspection;
  inspection.exists = true;
  inspection.repository = found->config.id;
  inspection.naming = found->config.naming;
  inspection.accepts_key_file = found->kinds.key_file;
  inspection.accepts_passphrase = found->kinds.passphrase;
  return inspection;
}

Result<KeyCheck> check_key(const std::string& store_url, const Environment& given,
                           std::stop_token stop) {
  const Environment environment = complete(given);
  TRY_ASSIGN(const StoreUrl url, StoreUrl::parse(store_url));
  TRY_ASSIGN(const auto store, open_environment_store(url.to_string(), environment, false));
  TRY_ASSIGN(const auto vault,
             open_vault(*store, environment, {}, store->describe(), nullptr, stop));
  return KeyCheck{vault->config().id, vault->key_objects().slot_name};
}

}  // namespace mikura

// init, link and clone: how a folder becomes a working copy.
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <memory>

#include "base/file.h"
#include "session/session.h"
#include "session/workspace.h"

namespace mikura {
namespace {

Result<std::string> absolute_folder(const std::string& folder) {
  std::error_code failure;
  const auto path = std::filesystem::absolute(folder, failure).lexically_normal();
  if (failure)
    return Error(Code::io,
                 fmt::format("cannot find out where {} is: {}", folder, failure.message()));
  std::string text = path.string();
  while (text.size() > 1 && text.back() == '/')
    text.pop_back();
  return text;
}

// A folder may be linked once; the store may not lie inside what it stores, nor the folder inside
// the store.
Result<void> check_linkable(const std::string& root, const StoreUrl& url) {
  if (std::filesystem::exists(root + "/.mikura/state.db")) {
    TRY_ASSIGN(const auto workspace, Workspace::open(root, {}));
    TRY_ASSIGN(const auto link, workspace->state().link());
    if (link) {
      return Error(Code::already_exists,
                   fmt::format("{} is already linked to {}", root, link->store_url))
          .with_hint(
              "To link it anew, move .mikura/state.db away. Keep .mikura/backup: it may hold the "
              "only "
              "copy of what was replaced.");
    }
  }
  if (url.scheme != StoreUrl::Scheme::file) return {};
  const std::string store = url.path + "/";
  const std::string folder = root + "/";
  if (store.starts_with(folder) || folder.starts_with(store)) {
    return Error(Code::invalid, fmt::format("the store {} and the folder {} lie within each other",
                                            url.path, root))
        .with_hint("Choose a store outside the folder.");
  }
  return {};
}

Result<void> write_link(const std::string& root, const Environment& environment,
                        const std::string& url, const RepositoryConfig& config,
                        const KeyObjects& keys) {
  TRY(make_workspace_folder(root));
  TRY_ASSIGN(const auto workspace, Workspace::open(root, environment));
  TRY_ASSIGN(const auto lock, workspace->lock());
  WorkspaceLink link;
  link.repository = config.id;
  link.store_url = url;
  link.slot_name = keys.slot_name;
  TRY(workspace->state().set_link(link));
  TRY(workspace->state().cache_object(kRepositoryName, {keys.repository, ""}));
  return workspace->state().cache_object(keys.slot_name, {keys.slot, ""});
}

InitReport report_of(const RepositoryConfig& config, const BlobStore& store) {
  return {config.id, store.describe(), config.capabilities, config.naming};
}

Result<InitReport> link_root(const StoreUrl& url, const std::string& root,
                             const Environment& environment, std::stop_token stop) {
  TRY_ASSIGN(const auto store, open_environment_store(url.to_string(), environment, false));
  TRY_ASSIGN(const auto vault,
             open_vault(*store, environment, {}, store->describe(), nullptr, stop));
  // HEAD must open too before the folder is touched.
  TRY(vault->read_head(nullptr, stop));
  TRY(write_link(root, environment, url.to_string(), vault->config(), vault->key_objects()));
  return report_of(vault->config(), *store);
}

// True if there is nothing in the folder but perhaps an unfinished clone of the same repository.
Result<bool> is_empty_folder(const std::string& folder) {
  std::error_code failure;
  for (const auto& node : std::filesystem::directory_iterator(folder, failure)) {
    if (node.path().filename() != ".mikura") return false;
  }
  if (failure)
    return Error(Code::io, fmt::format("cannot read the folder {}: {}", folder, failure.message()));
  return true;
}

}  // namespace

Result<InitReport> init_repository(const InitRequest& request, const Environment& given,
                                   std::stop_token stop) {
  const Environment environment = complete(given);
  TRY_ASSIGN(const StoreUrl url, StoreUrl::parse(request.store_url));
  TRY_ASSIGN(const std::string root, absolute_folder(request.folder));
  TRY(check_linkable(root, url));
  TRY_ASSIGN(const VaultEnvironment vault_env, vault_environment(environment, nullptr));

  // Asked for before the store's folder is made: without a key nothing is left behind.
  if (!environment.key) return Error(Code::invalid, "no key was given");
  TRY_ASSIGN(const KeySource key, environment.key({{}, url.to_string(), true, true, true}));
  TRY_ASSIGN(const auto store, open_environment_store(url.to_string(), environment, true));
  CreateOptions options;
  options.naming = request.naming;
  options.single_writer = request.single_writer;
  TRY_ASSIGN(const KeyObjects keys, Vault::create(*store, options, key, vault_env, stop));
  TRY_ASSIGN(const RepositoryConfig config, decode_repository(keys.repository));
  TRY(make_directories(root));
  TRY(write_link(root, environment, url.to_string(), config, keys));
  return report_of(config, *store);
}

Result<InitReport> link_folder(const LinkRequest& request, const Environment& given,
                               std::stop_token stop) {
  const Environment environment = complete(given);
  TRY_ASSIGN(const StoreUrl url, StoreUrl::parse(request.store_url));
  TRY_ASSIGN(const std::string root, absolute_folder(request.folder));
  if (!std::filesystem::is_directory(root)) {
    return Error(Code::not_found, fmt::format("there is no folder {}", root))
        .with_hint("`mikura clone` makes one.");
  }
  TRY(check_linkable(root, url));
  return link_root(url, root, environment, std::move(stop));
}

Result<SyncReport> clone_repository(const LinkRequest& request, const Environment& given,
                                    std::stop_token stop) {
  const Environment environment = complete(given);
  TRY_ASSIGN(const StoreUrl url, StoreUrl::parse(request.store_url));
  TRY_ASSIGN(const std::string root, absolute_folder(request.folder));
  const bool exists = std::filesystem::exists(root);
  if (exists) {
    TRY_ASSIGN(const bool empty, is_empty_folder(root));
    if (!empty) {
      return Error(Code::already_exists, fmt::format("the folder {} is not empty", root))
          .with_hint(
              "Clone into a new folder, or use `mikura link` to merge an existing one. "
              "To finish an interrupted clone, run `mikura sync` in it.");
    }
  }
  TRY(check_linkable(root, url));
  // Opens the repository before anything is made locally: a wrong key leaves no trace.
  TRY_ASSIGN(const auto store, open_environment_store(url.to_string(), environment, false));
  TRY_ASSIGN(const auto vault,
             open_vault(*store, environment, {}, store->describe(), nullptr, stop));
  TRY(vault->read_head(nullptr, stop));

  TRY(make_directories(root));
  auto cloned = [&]() -> Result<SyncReport> {
    TRY(write_link(root, environment, url.to_string(), vault->config(), vault->key_objects()));
    TRY_ASSIGN(const auto workspace, Workspace::open(root, environment));
    TRY_ASSIGN(const auto lock, workspace->lock());
    TRY_ASSIGN(const WorkspaceLink link, workspace->link());
    TRY_ASSIGN(const Author author, workspace->author());
    TransferCounts counts;
    SyncRequest pull;
    pull.mode = SyncMode::pull;
    return run_sync(workspace->context(vault.get(), counts), pull, link, author, stop);
  }();
  if (cloned) return cloned;
  // Contents are verified before the first file is placed, so a damaged store usually leaves an
  // empty folder: take it away again.
  const auto untouched = is_empty_folder(root);
  if (untouched && *untouched) {
    std::error_code ignored;
    std::filesystem::remove_all(root + "/.mikura", ignored);
    if (!exists) std::filesystem::remove(root, ignored);
    return cloned;
  }
  return std::move(cloned).error().with_hint(
      "Run `mikura sync` in the folder to finish the clone.");
}

}  // namespace mikura

// Looks that come before a session: at a folder, at a store, at a key. They change nothing.
// Thread-safe.
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "session/types.h"

namespace mikura {

// What a folder is linked to, as it is remembered in it.
struct FolderInfo {
  std::string root;  // the workspace root, which may lie above
  std::string store;
  RepositoryId repository;
  std::string policy;
  bool use_gitignore = true;
  bool single_writer = false;
};

// nullopt if the folder is in no workspace, or in one without a link. Needs neither key nor
// network. Code::not_found if there is no such folder.
Result<std::optional<FolderInfo>> inspect_folder(const std::string& folder);

struct StoreInspection {
  bool exists = false;  // a repository is there; the rest says what it is, unauthenticated
  RepositoryId repository;
  NamingScheme naming = NamingScheme::hmac_sha256;
  bool accepts_key_file = false;
  bool accepts_passphrase = false;
};

// Needs no key. An error says why the store cannot be used.
Result<StoreInspection> inspect_store(const std::string& store_url, const Environment& environment,
                                      std::stop_token stop);

struct KeyCheck {
  RepositoryId repository;
  std::string slot;  // keys/<slot>
};

// Opens the repository with the key that environment.key gives. Code::wrong_key if it does not fit.
Result<KeyCheck> check_key(const std::string& store_url, const Environment& environment,
                           std::stop_token stop);

}  // namespace mikura

// SimTemplate: a fresh repository, made once by the real code, from which every run starts.
#pragma once

#include <memory>

#include "sim/sim_store.h"
#include "vault/vault.h"

namespace mikura {

struct SimTemplate {
  SimStorage storage;
  KeyObjects keys;
  RepositoryId repository;
};

// Fails the program if the repository cannot be made.
std::unique_ptr<const SimTemplate> make_sim_template();

KeySource sim_key();
// Who looks on, beside the clients, has a memory too.
inline constexpr unsigned kOnlooker = 1000;

}  // namespace mikura

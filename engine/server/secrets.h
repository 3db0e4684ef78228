// Secrets: the users' keys while the process lives, one for each repository, shared by all folders.
//
// In memory only, wiped when they are dropped. Whoever needs one that is not there asks the client;
// of several at once one asks and the others wait for what it gets. Thread-safe.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>

#include "base/result.h"
#include "crypto/uuid.h"
#include "format/keyring.h"

namespace mikura {

KeySource duplicate(const KeySource& source);

class Secrets {
 public:
  // The client's answer; nullopt if nobody can give one.
  using Ask = std::function<Result<std::optional<KeySource>>()>;
  struct Given {
    KeySource key;
    std::uint64_t generation = 0;
  };

  // What is known, or what `ask` brings. That nobody can give one counts for all who wait for it.
  Result<std::optional<Given>> get(const RepositoryId& repository, std::stop_token stop,
                                   const Ask& ask);
  // Keeps a key that opened the repository.
  void keep(const RepositoryId& repository, KeySource key);
  // Forgets the key of that generation, unless another has taken its place.
  void drop(const RepositoryId& repository, std::uint64_t generation);
  void forget(const RepositoryId& repository);
  bool knows(const RepositoryId& repository) const;

 private:
  struct Entry {
    std::optional<KeySource> key;
    std::uint64_t generation = 0;
    bool asking = false;
    std::uint64_t refusals = 0;  // how often nobody could give one
  };

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<RepositoryId, Entry> entries_;
  std::uint64_t last_generation_ = 0;
};

}  // namespace mikura

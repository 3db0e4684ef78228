// Claims: which contents the repository has, and which somebody of this run is about to store.
// Thread-safe.
#pragma once

#include <span>
#include <unordered_set>

#include "base/guarded.h"
#include "base/id.h"

namespace mikura {

class Claims {
 public:
  explicit Claims(std::unordered_set<Sha256Digest> known) : known_(std::move(known)) {}

  // True the first time a content is asked for that the repository does not have: then it is for
  // the caller to store.
  bool claim(const Sha256Digest& content) {
    return known_.with([&](auto& known) { return known.insert(content).second; });
  }
  // The caller could not.
  void unclaim(const Sha256Digest& content) {
    known_.with([&](auto& known) { known.erase(content); });
  }
  // The repository has it.
  void know(const Sha256Digest& content) {
    known_.with([&](auto& known) { known.insert(content); });
  }

 private:
  Guarded<std::unordered_set<Sha256Digest>> known_;
};

}  // namespace mikura

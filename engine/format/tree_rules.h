// What holds for the entries of every version, whoever reads or writes it (docs/format.md,
// "Paths"). Internal to format/. Pure; one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "format/entry.h"

namespace mikura {

// The entries are shown one after the other, in the order in which they stand.
class TreeRules {
 public:
  explicit TreeRules(std::uint64_t max_text_bytes) : max_text_bytes_(max_text_bytes) {}

  // Code::corrupt, saying why, if `entry` cannot stand behind the one whose path is `previous`
  // (empty: the first).
  Result<void> add(const Entry& entry, std::string_view previous);

 private:
  Result<void> add_to_tree(const Entry& entry);

  std::vector<std::string> open_;  // the folders around the last entry
  std::set<std::string, std::less<>> directories_;
  const std::uint64_t max_text_bytes_;
  std::uint64_t text_bytes_ = 0;
};

}  // namespace mikura

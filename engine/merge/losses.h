// Losses: how many files one side would lose, for the guard against mass changes (design §4).
//
// A file is lost if it is removed or replaced and its content arrives nowhere on that side: a
// renamed file is not, and of ten equal files of which one is left, nine are. Folders and symlinks
// that carry nothing of their own count as before: folders never, symlinks always. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "merge/plan.h"

namespace mikura {

struct FileLosses {
  std::uint64_t removed = 0;
  std::uint64_t replaced = 0;
  std::uint64_t total() const { return removed + replaced; }
  friend bool operator==(const FileLosses&, const FileLosses&) = default;
};

// A path of one side, before and after; nullptr: nothing there.
struct SideChange {
  const Entry* before = nullptr;
  const Entry* after = nullptr;
};

FileLosses count_losses(const std::vector<SideChange>& changes);

// What carrying out the plan would cost the working tree, and the repository's latest version.
FileLosses local_losses(const Plan& plan);
FileLosses remote_losses(const Plan& plan);

// The guard itself: true if losing so many files would remove or replace more than half of those in
// a tree with these entries, and more than 20.
bool is_mass_change(std::uint64_t lost_files, const std::vector<Entry>& entries);

}  // namespace mikura

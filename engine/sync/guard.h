// The guard: what would cost a side most of its files is stopped before anything is done, until
// somebody has confirmed it. One for sync, restore and discard.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "merge/losses.h"

namespace mikura {

enum class GuardedSide : std::uint8_t { folder, repository };

// Code::refused if that is too much of `before`. `option` is what confirms it on the command line.
Result<void> refuse_mass_change(const FileLosses& losses, const std::vector<Entry>& before,
                                GuardedSide side, std::string_view option);

}  // namespace mikura

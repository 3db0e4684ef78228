#include "sync/guard.h"

#include <fmt/format.h>

namespace mikura {

Result<void> refuse_mass_change(const FileLosses& losses, const std::vector<Entry>& before,
                                GuardedSide side, std::string_view option) {
  if (!is_mass_change(losses.total(), before)) return {};
  return Error(Code::refused,
               fmt::format("this would delete {} and replace {} files in the {}, more than half of "
                           "it",
                           losses.removed, losses.replaced,
                           side == GuardedSide::folder ? "folder" : "repository"))
      .with_hint(fmt::format(
          "Nothing was changed. Look at it with --dry-run; if it is right, run again with {}.",
          option));
}

}  // namespace mikura

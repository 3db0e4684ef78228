#include "local/writable.h"

#include "base/log.h"
#include "local/stamp.h"

namespace mikura {
namespace {

constexpr std::uint32_t kNeeded = S_IWUSR | S_IXUSR;

}  // namespace

bool WritableFolders::lift(int folder, Key& key) {
  return lifted_.with([&](auto& lifted) {
    // Under the lock: the mode must not be one that another thread has lifted and is about to
    // restore.
    FileStamp stamp;
    if (read_stamp(folder, stamp) != 0) return false;
    key = {stamp.device, stamp.inode};
    if (const auto found = lifted.find(key); found != lifted.end()) {
      ++found->second.users;
      return true;
    }
    // Permission is there already: something else is in the way.
    if ((stamp.mode & kNeeded) == kNeeded) return false;
    if (set_permissions(folder, stamp.mode | kNeeded) != 0) return false;
    lifted[key] = {1, stamp.mode};
    return true;
  });
}

void WritableFolders::restore(int folder, const Key& key) {
  lifted_.with([&](auto& lifted) {
    const auto found = lifted.find(key);
    if (found == lifted.end() || --found->second.users > 0) return;
    if (set_permissions(folder, found->second.mode) != 0)
      log_info("the permissions of a folder could not be restored");
    lifted.erase(found);
  });
}

}  // namespace mikura

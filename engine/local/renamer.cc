#include "local/renamer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "local/stamp.h"

namespace mikura {
namespace {

bool is_unsupported(int error) {
  return error == EINVAL || error == ENOSYS || error == EOPNOTSUPP;
}

int rename_with(const NameAt& from, const NameAt& to, unsigned flags) {
  return ::renameat2(from.folder, from.name.c_str(), to.folder, to.name.c_str(), flags) == 0
             ? 0
             : errno;
}

}  // namespace

int Renamer::move_new(const NameAt& from, const NameAt& to) const {
  if (faults_.before_move) faults_.before_move();
  int error = faults_.no_noreplace ? EINVAL : rename_with(from, to, RENAME_NOREPLACE);
  if (!is_unsupported(error)) return error;
  // A new hard link never replaces anything either.
  error =
      faults_.no_hard_links
          ? EPERM
          : (::linkat(from.folder, from.name.c_str(), to.folder, to.name.c_str(), 0) == 0 ? 0
                                                                                          : errno);
  if (error == 0) {
    if (::unlinkat(from.folder, from.name.c_str(), 0) == 0) return 0;
    // Half a move is none: one name only.
    const int reason = errno;
    ::unlinkat(to.folder, to.name.c_str(), 0);
    return reason;
  }
  if (error != EPERM && error != EMLINK && !is_unsupported(error)) return error;
  // Neither (FAT, some network file systems; directories): a look, then the rename; a race of
  // microseconds remains.
  FileStamp there;
  const int looked = read_stamp(to.folder, to.name.c_str(), there);
  if (looked == 0) return EEXIST;
  if (looked != ENOENT) return looked;
  return rename_with(from, to, 0);
}

int Renamer::exchange(const NameAt& a, const NameAt& b) const {
  if (faults_.before_exchange) faults_.before_exchange();
  const int error = faults_.no_exchange ? EINVAL : rename_with(a, b, RENAME_EXCHANGE);
  return is_unsupported(error) ? ENOSYS : error;
}

}  // namespace mikura

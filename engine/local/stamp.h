// What the system says about a node, as a FileStamp; and setting its time. Internal to local/.
//
// Every function takes a directory handle and a name in it, and never follows a symlink. They
// answer with an errno (0 = done): the scanner calls them a hundred thousand times, and only few
// callers want a sentence. Stateless; thread-safe.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <ctime>
#include <optional>

#include "format/entry.h"
#include "local/scan.h"

namespace mikura {

inline constexpr std::uint32_t kPermissionBits = 0777;
// Set-user-id, set-group-id, sticky: never given to anything, left where they are on folders.
inline constexpr std::uint32_t kSpecialBits = 07000;

int read_stamp(int folder, const char* name, FileStamp& out);
// Of the open file or directory itself.
int read_stamp(int fd, FileStamp& out);

// nullopt for sockets, devices and FIFOs.
std::optional<EntryKind> kind_of(const FileStamp& stamp);
inline bool is_directory(const FileStamp& stamp) {
  return S_ISDIR(stamp.mode);
}

// Equal in everything that a rename leaves alone: all but the change time.
bool is_same_node(const FileStamp& a, const FileStamp& b);

// Sets the modification time; the access time stays.
int set_mtime(int folder, const char* name, std::int64_t mtime_ns);
int set_mtime(int fd, std::int64_t mtime_ns);

// Sets the permission bits of what `fd` (O_PATH will do) refers to: not through a name, which
// somebody could give to another file.
int set_permissions(int fd, std::uint32_t mode);

}  // namespace mikura

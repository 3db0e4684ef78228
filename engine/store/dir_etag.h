// The etag of a file in a folder store.
//
// An etag must change whenever the bytes change; and listings show it too, so it must not cost a
// read of the file: a clean-up lists every object of a store. What stat tells by itself is not
// enough: clocks of file systems tick every few milliseconds, and an inode number comes back as
// soon as its file is gone. So the writer makes it enough. Before a file gets its name, its
// modification time is set to a stamp that no file of this store has had: the machine's clock in
// nanoseconds, pushed forward so that it grows with every put of a process and with every
// compare-and-swap of a name. The etag is inode, stamp and size. Two versions of a name that follow
// each other exist at the same time and so differ in the inode; those further apart differ in the
// stamp.
//
// Not every file system keeps nanoseconds, and not every copying tool. A stamp never ends in three
// zeros; a time that does was rounded on its way, proves nothing, and the etag of such a file is
// the SHA-256 of its bytes.
//
// The time of change (ctime) is no part of it: making a hard link, as snapshot tools do, must not
// look like a new version.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace mikura {

std::int64_t modification_time_ns(const struct stat& info);

// A stamp later than `after_ns` and than all that this process has given out.
std::int64_t next_stamp_ns(std::int64_t after_ns);
Result<void> set_stamp(int fd, std::int64_t stamp_ns, std::string_view path);

// The etag that inode, stamp and size give; nullopt if the time has been rounded.
std::optional<std::string> etag_of_stamp(const struct stat& info);
std::string etag_of_content(ByteSpan data);
// Either, reading the file behind `fd` from its start if it must.
Result<std::string> etag_of_file(int fd, const struct stat& info, std::string_view path);

}  // namespace mikura

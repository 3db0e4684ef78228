// Reading the files whose content is not surely known, in parallel. Internal to local/.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "local/scan.h"
#include "local/scanner.h"

namespace mikura {

struct HashedFile {
  enum class Status : std::uint8_t {
    hashed,
    gone,  // not there any more
    unreadable,
    unstable,  // changed again and again, or is no file any more
  };
  Status status = Status::gone;
  FileRecord
      record;  // but for the path; the stamp is of the open file, the same before and after reading
  std::string reason;  // unreadable, unstable
};

// Hashes `paths` (those of one folder best stand together). `read_bytes` is called from any thread
// with how many more were read. Fails only with Code::cancelled.
Result<std::vector<HashedFile>> hash_files(const ScanRoot& root,
                                           std::span<const std::string* const> paths,
                                           std::span<const std::uint64_t> sizes, unsigned workers,
                                           const std::function<void(std::uint64_t)>& read_bytes,
                                           std::stop_token stop);

// How far the time stamps of the file system that `fd` lies on can lag behind the clock.
std::int64_t timestamp_slack_ns(int fd);

}  // namespace mikura

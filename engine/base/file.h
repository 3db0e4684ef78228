// File descriptors that close themselves, and whole-file helpers that are safe against crashes.
//
// These act on paths the program itself chose (a store directory, the client state). Paths that
// come from an index go through local/working_tree.h, which never leaves its root. Thread-safety:
// Fd is a plain move-only value; the functions may be called from any thread.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace mikura {

class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) reset(other.release());
    return *this;
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release() {
    const int fd = fd_;
    fd_ = -1;
    return fd;
  }
  void reset(int fd = -1);

 private:
  int fd_ = -1;
};

// An Error for `errno_value` on `path`: "cannot <doing> <path>: <reason>", with a fitting code
// (not_found, already_exists, denied, full, io).
Error system_error(int errno_value, std::string_view doing, std::string_view path);

// Reads a whole file of at most `max_bytes`; Code::full if it is larger.
Result<Bytes> read_file(const std::string& path, std::uint64_t max_bytes);

// Reads from fd until `out` is full or the end: returns the count.
Result<std::size_t> read_fully(int fd, MutableByteSpan out, std::string_view name);
Result<void> write_fully(int fd, ByteSpan bytes, std::string_view name);

// Replaces `path` atomically and durably: temporary file in the same folder, fsync, rename, fsync
// of the folder. After a crash the old or the new content is there, never a mix.
Result<void> write_file_atomically(const std::string& path, ByteSpan bytes, mode_t mode = 0644);

// Flushes a directory's entries to disk.
Result<void> sync_directory(const std::string& path);

// Creates a directory and its parents; an existing one is fine.
Result<void> make_directories(const std::string& path, mode_t mode = 0755);

}  // namespace mikura

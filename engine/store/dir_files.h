// Files below the root of a folder store: opened component by component, so that no symbolic link
// is followed and no name leaves the root, whatever others do to the folder meanwhile.
//
// Thread-safe: a DirRoot does not change after open().
#pragma once

#include <sys/stat.h>

#include <string>
#include <string_view>
#include <utility>

#include "base/file.h"
#include "base/result.h"

namespace mikura {

class DirRoot {
 public:
  // Code::not_found if there is none, Code::invalid if it is no folder.
  static Result<DirRoot> open(const std::string& path);

  int fd() const { return fd_.get(); }
  const std::string& path() const { return path_; }
  std::string path_of(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  DirRoot(Fd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Fd fd_;
  std::string path_;
};

// "objects/ab/x" -> {"objects/ab", "x"}; "HEAD" -> {"", "HEAD"}.
struct SplitName {
  std::string_view folder;
  std::string leaf;
};
SplitName split_name(std::string_view name);

// system_error with what a store's folder adds: an error of the network behind it is
// Code::transient.
Error dir_error(int errno_value, std::string_view doing, const std::string& path);
Error not_a_plain_file(const std::string& path);

enum class Missing { fail, create };
enum class Access {
  name_files,
  read
};  // the first is enough to reach files (O_PATH), the second to list or flush

// A folder below the root; the root itself for "". Code::not_found if it, or one on the way, does
// not exist or is an object; Code::io if one is a symbolic link.
Result<Fd> open_folder(const DirRoot& root, std::string_view folder, Missing missing,
                       Access access);

struct OpenFile {
  Fd fd;
  struct stat info{};
};
// The object's file. Code::not_found if there is none, or a folder; Code::io for a link, device,
// socket or pipe.
Result<OpenFile> open_object(const DirRoot& root, std::string_view name);
// The same in a folder that is open already; `path` is for messages.
Result<OpenFile> open_object_in(int folder, const std::string& leaf, const std::string& path);

// Flushes the entries of the folder.
Result<void> sync_folder(const DirRoot& root, std::string_view folder);
// And of all above it up to the root.
Result<void> sync_folders(const DirRoot& root, std::string_view folder);

}  // namespace mikura

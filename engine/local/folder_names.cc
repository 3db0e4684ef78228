#include "local/folder_names.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <memory>

#include "base/file.h"
#include "local/beneath.h"
#include "local/stamp.h"

namespace mikura {
namespace {

using Listing = std::unique_ptr<DIR, decltype([](DIR* dir) { ::closedir(dir); })>;

// Calls on_file(parent, name, stamp) for everything that is no folder, and on_folder(parent, name)
// after all that is in it. Folders are opened by their path from `base`, so a deep tree needs no
// more handles than a flat one.
struct Visitor {
  std::function<Result<void>(int parent, const std::string& name, const FileStamp& stamp)> on_file;
  std::function<Result<void>(int parent, const std::string& name)> on_folder;
};

struct Step {
  std::string parent;  // path from `base`
  std::string name;
  bool done = false;  // its content was visited
};

std::string join(const std::string& parent, const std::string& name) {
  return parent.empty() ? name : parent + "/" + name;
}

Result<void> visit_content(int base, const Step& step, int parent, const Visitor& visitor,
                           std::vector<Step>& stack) {
  const Fd fd(::openat(parent, step.name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) {
    if (errno != EACCES) return system_error(errno, "open", join(step.parent, step.name));
    // Folders in the backup keep no permissions, but a person may have changed them.
    const Fd closed(
        ::openat(parent, step.name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!closed || set_permissions(closed.get(), 0700) != 0)
      return system_error(EACCES, "open", join(step.parent, step.name));
    return visit_content(base, step, parent, visitor, stack);
  }
  TRY_ASSIGN(const std::vector<std::string> names,
             list_names(fd.get(), join(step.parent, step.name)));
  for (const std::string& name : names) {
    FileStamp stamp;
    const int error = read_stamp(fd.get(), name.c_str(), stamp);
    if (error == ENOENT) continue;
    if (error != 0) return system_error(error, "inspect", name);
    if (is_directory(stamp)) {
      stack.push_back({join(step.parent, step.name), name, false});
    } else {
      TRY(visitor.on_file(fd.get(), name, stamp));
    }
  }
  return {};
}

Result<void> visit_tree(int base, const std::string& top, const Visitor& visitor) {
  FileStamp stamp;
  const int error = read_stamp(base, top.c_str(), stamp);
  if (error == ENOENT) return {};
  if (error != 0) return system_error(error, "inspect", top);
  if (!is_directory(stamp)) return visitor.on_file(base, top, stamp);
  std::vector<Step> stack{{"", top, false}};
  while (!stack.empty()) {
    const Step step = stack.back();
    OpenedFolder parent = open_beneath(base, step.parent, O_PATH, WalkMethod::automatic);
    if (!parent.fd) return system_error(parent.error, "open", step.parent);
    if (step.done) {
      stack.pop_back();
      TRY(visitor.on_folder(parent.fd.get(), step.name));
      continue;
    }
    stack.back().done = true;
    TRY(visit_content(base, step, parent.fd.get(), visitor, stack));
  }
  return {};
}

Result<void> unlink_in(int parent, const std::string& name, int flags) {
  if (::unlinkat(parent, name.c_str(), flags) == 0 || errno == ENOENT) return {};
  return system_error(errno, "remove", name);
}

}  // namespace

Result<std::vector<std::string>> list_names(int fd, std::string_view shown) {
  // A handle of its own: the position in the listing belongs to the open file.
  const int own = ::openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (own < 0) return system_error(errno, "open", shown);
  const Listing listing(::fdopendir(own));
  if (listing == nullptr) {
    const int reason = errno;
    ::close(own);
    return system_error(reason, "read", shown);
  }
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* const entry = ::readdir(listing.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) return system_error(errno, "read", shown);
  return names;
}

Result<std::uint64_t> tree_size(int folder, const std::string& name) {
  std::uint64_t total = 0;
  Visitor visitor;
  visitor.on_file = [&](int, const std::string&, const FileStamp& stamp) -> Result<void> {
    total += stamp.size_bytes;
    return {};
  };
  visitor.on_folder = [](int, const std::string&) -> Result<void> { return {}; };
  TRY(visit_tree(folder, name, visitor));
  return total;
}

Result<void> remove_tree(int folder, const std::string& name) {
  Visitor visitor;
  visitor.on_file = [](int parent, const std::string& file, const FileStamp&) {
    return unlink_in(parent, file, 0);
  };
  visitor.on_folder = [](int parent, const std::string& child) {
    return unlink_in(parent, child, AT_REMOVEDIR);
  };
  return visit_tree(folder, name, visitor);
}

}  // namespace mikura

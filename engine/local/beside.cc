#include "local/beside.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "base/log.h"
#include "local/copy_node.h"
#include "local/folder_names.h"

namespace mikura {
namespace {

constexpr std::string_view kCopyNote = "beside-copy-";
constexpr std::string_view kSwapNote = "beside-swap-";
constexpr std::size_t kIdSize = 16;
constexpr int kMaxCopies = 3;

std::string beside_name(const std::string& id) {
  return std::string(kBesidePrefix) + id;
}
std::string note_name(std::string_view kind, const std::string& id) {
  return std::string(kind) + id;
}

}  // namespace

bool is_beside_name(std::string_view name) {
  return name.size() == kBesidePrefix.size() + kIdSize && name.starts_with(kBesidePrefix) &&
         name.substr(kBesidePrefix.size()).find_first_not_of("0123456789abcdef") ==
             std::string_view::npos;
}

Beside::Guest::~Guest() {
  if (area_ == nullptr) return;  // moved from
  node_.discard();
  FileStamp there;
  if (read_stamp(node_.at().folder, node_.at().name.c_str(), there) == ENOENT) {
    ::unlinkat(area_->folder(), note_name(swapping_ ? kSwapNote : kCopyNote, id_).c_str(), 0);
  }
}

Result<void> Beside::Guest::announce_swap() {
  const std::string from = note_name(kCopyNote, id_);
  const std::string to = note_name(kSwapNote, id_);
  if (::renameat(area_->folder(), from.c_str(), area_->folder(), to.c_str()) != 0)
    return system_error(errno, "rename", from);
  swapping_ = true;
  return {};
}

Result<Beside::Guest> Beside::reserve(const Place& place) {
  std::string id = area_->random_name();
  const std::string note = note_name(kCopyNote, id);
  if (::symlinkat(place.path.c_str(), area_->folder(), note.c_str()) != 0)
    return system_error(errno, "create a note in .mikura/tmp for", place.path);
  TRY(remember_file_system(place.parent.get()));
  Temporary node(NameAt{place.parent.get(), beside_name(id)});
  return Guest(area_, std::move(node), std::move(id));
}

Result<Beside::Guest> Beside::copy_in(const NameAt& from, const Place& place) {
  TRY_ASSIGN(Guest guest, reserve(place));
  const int error = copy_node(from, guest.node().at());
  if (error != 0) return system_error(error, "create a temporary file beside", place.path);
  return guest;
}

Result<void> Beside::keep(Guest& guest, const std::string& path) {
  TRY(keep_node(guest.node().at(), path));
  return {};
}

Result<void> Beside::keep_node(const NameAt& at, const std::string& path) {
  for (int i = 0; i < kMaxCopies; ++i) {
    FileStamp before;
    FileStamp after;
    const int looked = read_stamp(at.folder, at.name.c_str(), before);
    if (looked == ENOENT) return {};
    if (looked != 0) return system_error(looked, "inspect", path);
    // Under another name until it is whole: a half copy must never look like a backup.
    Temporary copy(area_, "kept-" + area_->random_name());
    if (const int error = copy_node(at, copy.at()); error != 0)
      return system_error(error, "copy to the backup", path);
    TRY_ASSIGN(const auto filled, backup_.fill(path, [&](const NameAt& to) {
      return renamer_.move_new(copy.at(), to);
    }));
    if (filled.error != 0) return system_error(filled.error, "move to the backup", path);
    copy.release();
    backup_.note_kept();
    // Written to through a handle that was open before: that is newer, so that is what has to be
    // kept.
    if (read_stamp(at.folder, at.name.c_str(), after) == 0 && !is_same_node(before, after))
      continue;
    if (::unlinkat(at.folder, at.name.c_str(), 0) != 0 && errno != ENOENT)
      return system_error(errno, "remove", at.name);
    return {};
  }
  log_info(path +
           " is still being written to under its old name; it will be put into the backup later");
  return {};
}

Result<void> Beside::rescue(int root) {
  TRY_ASSIGN(const std::vector<std::string> notes, list_names(area_->folder(), ".mikura/tmp"));
  for (const std::string& note : notes) {
    if (note.starts_with(kCopyNote) || note.starts_with(kSwapNote)) TRY(rescue_one(root, note));
  }
  return {};
}

Result<void> Beside::rescue_one(int root, const std::string& note) {
  std::string path(PATH_MAX, '\0');
  const ssize_t size = ::readlinkat(area_->folder(), note.c_str(), path.data(), path.size());
  if (size < 0) return {};
  path.resize(static_cast<std::size_t>(size));
  auto place = locate(root, path, method_);
  // Not mounted just now: another time.
  if (!place) return {};
  const bool may_hold_user_data = note.starts_with(kSwapNote);
  const NameAt at{place->parent.get(),
                  beside_name(note.substr((may_hold_user_data ? kSwapNote : kCopyNote).size()))};
  FileStamp there;
  const int error = read_stamp(at.folder, at.name.c_str(), there);
  if (error == 0 && may_hold_user_data) {
    TRY(keep_node(at, path));
  } else if (error == 0) {
    if (::unlinkat(at.folder, at.name.c_str(), is_directory(there) ? AT_REMOVEDIR : 0) != 0)
      return system_error(errno, "remove", at.name);
  }
  if (read_stamp(at.folder, at.name.c_str(), there) == ENOENT)
    ::unlinkat(area_->folder(), note.c_str(), 0);
  return {};
}

Result<void> Beside::remember_file_system(int folder) {
  FileStamp stamp;
  if (const int error = read_stamp(folder, stamp); error != 0)
    return system_error(error, "inspect", "a folder");
  return file_systems_.with([&](auto& all) -> Result<void> {
    if (all.contains(stamp.device)) return {};
    Fd fd(::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd) return system_error(errno, "open", "a folder on another file system");
    all.emplace(stamp.device, std::move(fd));
    return {};
  });
}

Result<void> Beside::flush() {
  return file_systems_.with([](auto& all) -> Result<void> {
    for (const auto& [device, fd] : all) {
      if (::syncfs(fd.get()) != 0)
        return system_error(errno, "flush", "another file system in the workspace");
    }
    return {};
  });
}

}  // namespace mikura

#include "local/backup_sizes.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <string_view>

#include "base/file.h"
#include "local/folder_names.h"

namespace mikura {
namespace {

constexpr const char* kName = ".sizes";
constexpr const char* kNewName = ".sizes.new";
constexpr std::size_t kMaxFileBytes = 1 << 20;

}  // namespace

BackupSizes BackupSizes::load(int folder) {
  BackupSizes sizes(folder);
  const Fd fd(::openat(folder, kName, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!fd) return sizes;
  Bytes bytes(kMaxFileBytes);
  const auto read = read_fully(fd.get(), bytes, kName);
  if (!read) return sizes;
  std::string_view text = as_text(std::span(bytes).first(*read));
  // A line is "<name> <bytes>\n"; one without its end is not whole.
  for (std::size_t end = 0; (end = text.find('\n')) != std::string_view::npos;
       text.remove_prefix(end + 1)) {
    const std::string_view line = text.substr(0, end);
    const std::size_t space = line.rfind(' ');
    if (space == std::string_view::npos) continue;
    std::uint64_t size = 0;
    const auto parsed = std::from_chars(line.data() + space + 1, line.data() + line.size(), size);
    if (parsed.ec == std::errc() && parsed.ptr == line.data() + line.size())
      sizes.remembered_[std::string(line.substr(0, space))] = size;
  }
  return sizes;
}

Result<std::uint64_t> BackupSizes::size_of(const std::string& name) {
  std::uint64_t size = 0;
  if (const auto known = remembered_.find(name); known != remembered_.end()) {
    size = known->second;
  } else {
    TRY_ASSIGN(size, tree_size(folder_, name));
  }
  asked_[name] = size;
  return size;
}

void BackupSizes::save() const {
  if (asked_ == remembered_) return;
  std::string text;
  for (const auto& [name, size] : asked_)
    text.append(name).append(" ").append(std::to_string(size)).append("\n");
  // Whatever goes wrong here costs a measurement and nothing else.
  const Fd fd(
      ::openat(folder_, kNewName, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd || !write_fully(fd.get(), as_bytes(text), kNewName) ||
      ::renameat(folder_, kNewName, folder_, kName) != 0) {
    ::unlinkat(folder_, kNewName, 0);
  }
}

}  // namespace mikura

#include "local/staging.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "base/check.h"
#include "local/folder_names.h"

namespace mikura {
namespace {

constexpr std::string_view kStagingName = ".mikura/tmp";

}  // namespace

std::string StagingArea::random_name() {
  ByteArray<8> bytes{};
  random_.fill(bytes);
  return to_hex(bytes);
}

void StagingArea::enter(const std::string& name) {
  in_use_.with([&](auto& names) { names.insert(name); });
}

void StagingArea::leave(const std::string& name) {
  in_use_.with([&](auto& names) { names.erase(name); });
}

Result<void> StagingArea::sweep(std::string_view spared_prefix) {
  TRY_ASSIGN(const std::vector<std::string> names, list_names(folder(), kStagingName));
  for (const std::string& name : names) {
    if (!spared_prefix.empty() && name.starts_with(spared_prefix)) continue;
    if (in_use_.with([&](const auto& in_use) { return in_use.contains(name); })) continue;
    if (::unlinkat(folder(), name.c_str(), 0) == 0 || errno == ENOENT) continue;
    // A folder that was to be swapped in is empty. What is not empty was put here by somebody else:
    // left alone.
    if (errno == EISDIR || errno == EPERM) ::unlinkat(folder(), name.c_str(), AT_REMOVEDIR);
  }
  return {};
}

Temporary::Temporary(std::shared_ptr<StagingArea> area, std::string name)
    : area_(std::move(area)), entered_(std::move(name)), at_{area_->folder(), entered_} {
  area_->enter(entered_);
}

Temporary::Temporary(Temporary&& other) noexcept
    : area_(std::move(other.area_)),
      entered_(std::move(other.entered_)),
      at_(std::move(other.at_)),
      owned_(other.owned_) {
  other.area_ = nullptr;
  other.owned_ = false;
}

void Temporary::discard() {
  if (!owned_) return;
  owned_ = false;
  if (::unlinkat(at_.folder, at_.name.c_str(), 0) != 0 && (errno == EISDIR || errno == EPERM)) {
    ::unlinkat(at_.folder, at_.name.c_str(), AT_REMOVEDIR);
  }
}

Temporary::~Temporary() {
  discard();
  if (area_ != nullptr) area_->leave(entered_);
}

Result<std::unique_ptr<PosixStagedFile>> PosixStagedFile::create(
    std::shared_ptr<StagingArea> area) {
  const std::string name = "new-" + area->random_name();
  // Entered before it exists, so that a sweep never sees it as a leftover.
  const int folder = area->folder();
  area->enter(name);
  Fd fd(::openat(folder, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd) {
    const int reason = errno;
    area->leave(name);
    return system_error(reason, "create a file in", kStagingName);
  }
  return std::unique_ptr<PosixStagedFile>(
      new PosixStagedFile(Temporary(std::move(area), name), std::move(fd)));
}

Result<void> PosixStagedFile::write(ByteSpan bytes) {
  CHECK(fd_);
  return write_fully(fd_.get(), bytes, kStagingName);
}

Result<void> PosixStagedFile::finish() {
  if (!fd_) return {};
  // Network file systems report a full disk here.
  if (::close(fd_.release()) != 0 && errno != EINTR)
    return system_error(errno, "write", kStagingName);
  return {};
}

}  // namespace mikura

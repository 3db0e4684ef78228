#include "session/export.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/file.h"

namespace mikura {

Result<std::uint64_t> export_file(Session& session, const std::string& version,
                                  const std::string& path, const std::string& to,
                                  std::stop_token stop) {
  Fd file;
  const auto begin = [&](const Entry& entry) -> Result<void> {
    if (entry.kind != EntryKind::file)
      return Error(Code::invalid, fmt::format("{} is not a file", path));
    file.reset(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file) return system_error(errno, "create the file", to);
    return {};
  };
  const auto sink = [&](ByteSpan piece) { return write_fully(file.get(), piece, to); };
  auto entry = session.read_version_file(version, path, begin, sink, std::move(stop));
  const auto finished = [&]() -> Result<std::uint64_t> {
    if (!entry) return std::move(entry).error();
    if (::fchmod(file.get(), entry->mode) != 0) return system_error(errno, "set the mode of", to);
    return entry->size_bytes;
  }();
  // Half a content is none.
  if (!finished && file) ::unlink(to.c_str());
  return finished;
}

}  // namespace mikura

#include "store/dir_listing.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/task_group.h"
#include "store/dir_entries.h"
#include "store/dir_etag.h"

namespace mikura {
namespace {

constexpr std::size_t kPageSize = 1000;

// A full name, with a '/' at the end for a folder: so that a folder sorts where its objects do.
struct Candidate {
  std::string name;
  DirEntry::Kind kind = DirEntry::Kind::file;

  // For a heap with the smallest name on top.
  friend bool operator<(const Candidate& a, const Candidate& b) { return a.name > b.name; }
};

std::int64_t change_time_ms(const struct stat& info) {
  return static_cast<std::int64_t>(info.st_ctim.tv_sec) * 1000 + info.st_ctim.tv_nsec / 1'000'000;
}

class Listing {
 public:
  Listing(const DirRoot& root, std::string_view prefix, std::string_view after,
          const std::stop_token& stop)
      : root_(root), prefix_(prefix), after_(after), stop_(stop) {}

  // `folder` is "" or ends with '/'. True while there is room on the page.
  Result<bool> visit(const std::string& folder) {
    TRY(check_stop(stop_));
    auto opened = open_folder(
        root_, std::string_view(folder).substr(0, folder.size() - (folder.empty() ? 0 : 1)),
        Missing::fail, Access::read);
    if (opened.failed_with(Code::not_found)) return true;  // removed since
    if (!opened) return std::move(opened).error();
    TRY_ASSIGN(std::vector<Candidate> candidates, candidates_in(opened->get(), folder));
    // Taken from a heap, not sorted: a page needs a thousand of what may be a hundred thousand.
    std::make_heap(candidates.begin(), candidates.end());
    while (!candidates.empty()) {
      std::pop_heap(candidates.begin(), candidates.end());
      const Candidate candidate = std::move(candidates.back());
      candidates.pop_back();
      if (candidate.kind == DirEntry::Kind::folder) {
        TRY_ASSIGN(const bool room, visit(candidate.name));
        if (!room) return false;
      } else {
        TRY(add(opened->get(), candidate.name));
        if (page_.blobs.size() > kPageSize) return false;
      }
    }
    return true;
  }

  ListPage take() {
    if (page_.blobs.size() > kPageSize) {
      page_.blobs.pop_back();
      page_.next = page_.blobs.back().name;
    }
    return std::move(page_);
  }

 private:
  bool wanted(const std::string& name, DirEntry::Kind kind) const {
    if (kind == DirEntry::Kind::file) return name.starts_with(prefix_) && name > after_;
    return (name.starts_with(prefix_) || prefix_.starts_with(name)) &&
           (name > after_ || after_.starts_with(name));
  }

  Result<std::vector<Candidate>> candidates_in(int fd, const std::string& folder) {
    const std::string path = root_.path_of(folder);
    TRY_ASSIGN(const std::vector<DirEntry> entries, read_entries(fd, path));
    std::vector<Candidate> candidates;
    for (const DirEntry& entry : entries) {
      std::string name = folder + entry.name;
      if (!valid_blob_name(name)) continue;
      // A link may stand for an object or for a folder of them.
      if (entry.kind != DirEntry::Kind::file) name += '/';
      if (!wanted(name, entry.kind)) continue;
      if (entry.kind == DirEntry::Kind::other) {
        name.pop_back();
        return not_a_plain_file(root_.path_of(name));
      }
      candidates.push_back({std::move(name), entry.kind});
    }
    return candidates;
  }

  Result<void> add(int folder, const std::string& name) {
    // On some file systems a name that is replaced while the folder is read shows up twice.
    if (!page_.blobs.empty() && page_.blobs.back().name == name) return {};
    const std::string leaf = split_name(name).leaf;
    struct stat info{};
    if (::fstatat(folder, leaf.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) return {};  // removed since
      return dir_error(errno, "inspect", root_.path_of(name));
    }
    std::optional<std::string> etag = etag_of_stamp(info);
    if (!etag || !S_ISREG(info.st_mode)) {
      auto file = open_object_in(folder, leaf, root_.path_of(name));
      if (file.failed_with(Code::not_found)) return {};
      if (!file) return std::move(file).error();
      info = file->info;
      TRY_ASSIGN(etag, etag_of_file(file->fd.get(), file->info, root_.path_of(name)));
    }
    // The time of change is the storage's clock, also over a network; the time of modification is
    // the writer's stamp.
    page_.blobs.push_back({.name = name,
                           .size_bytes = static_cast<std::uint64_t>(info.st_size),
                           .etag = *std::move(etag),
                           .modified_unix_ms = change_time_ms(info)});
    return {};
  }

  const DirRoot& root_;
  const std::string_view prefix_;
  const std::string_view after_;
  const std::stop_token stop_;
  ListPage page_;
};

}  // namespace

Result<ListPage> list_directory(const DirRoot& root, std::string_view prefix,
                                std::string_view start, const std::stop_token& stop) {
  Listing listing(root, prefix, start, stop);
  TRY(listing.visit(""));
  return listing.take();
}

}  // namespace mikura

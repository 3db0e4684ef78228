#include "store/dir_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/check.h"
#include "base/task_group.h"
#include "store/dir_etag.h"
#include "store/dir_files.h"
#include "store/dir_flush.h"
#include "store/dir_listing.h"
#include "store/dir_lock.h"
#include "store/dir_temporary.h"
#include "store/open_store.h"
#include "store/store_errors.h"

namespace mikura {
namespace {

using Placement = DirStoreOptions::Placement;

// Reads [offset, offset + size) of a file that should be at least that long.
Result<Bytes> read_part(const OpenFile& file, std::uint64_t offset, std::uint64_t size_bytes,
                        const std::string& path) {
  if (::lseek(file.fd.get(), static_cast<off_t>(offset), SEEK_SET) < 0)
    return dir_error(errno, "read", path);
  Bytes data(size_bytes);
  TRY_ASSIGN(const std::size_t count, read_fully(file.fd.get(), data, path));
  // Our own writers never touch a file that has a name.
  if (count != data.size())
    return Error(Code::corrupt, path + " was changed in place while it was read");
  return data;
}

// "As it was" is no longer true: the object has its new bytes, but a power failure might still undo
// that.
Error not_durable(Error error) {
  return std::move(error).with_code(Code::transient);
}

class DirStore final : public BlobStore {
 public:
  DirStore(DirRoot root, const DirStoreOptions& options)
      : root_(std::move(root)),
        placement_(options.placement),
        flush_(root_, options.flush_each_file) {}

  Result<std::optional<Blob>> get(std::string_view name, const GetOptions& options,
                                  std::stop_token stop) override;
  Result<Bytes> get_range(std::string_view name, std::uint64_t offset, std::uint64_t length,
                          std::stop_token stop) override;
  Result<std::string> put(std::string_view name, ByteSpan data, const PutCondition& condition,
                          std::stop_token stop) override;
  Result<void> remove(std::string_view name, const std::optional<std::string>& if_etag,
                      std::stop_token stop) override;
  Result<ListPage> list(std::string_view prefix, std::string_view start,
                        std::stop_token stop) override;
  Result<void> flush(std::stop_token stop) override { return flush_.flush(stop); }
  std::string describe() const override;

 private:
  // What has the name now. `etag` is empty and `stamp_ns` 0 if nothing has.
  struct Current {
    bool present = false;
    std::string etag;
    std::int64_t stamp_ns = 0;
  };

  Result<Current> look(const DirTarget& target) const;
  Result<std::string> put_any(const DirTarget& target, ByteSpan data, const std::stop_token& stop);
  Result<std::string> put_if_absent(const DirTarget& target, ByteSpan data,
                                    const std::stop_token& stop);
  Result<std::string> put_if_match(const DirTarget& target, ByteSpan data, const std::string& etag,
                                   const std::stop_token& stop);
  Result<bool> create(TemporaryFile& file, const DirTarget& target,
                      const std::stop_token& stop) const;

  const DirRoot root_;
  const Placement placement_;
  DirFlush flush_;
};

Result<std::optional<Blob>> DirStore::get(std::string_view name, const GetOptions& options,
                                          std::stop_token stop) {
  TRY(check_stop(stop));
  CHECK(valid_blob_name(name));
  const std::string path = root_.path_of(name);
  auto opened = open_object(root_, name);
  if (opened.failed_with(Code::not_found)) return object_not_found(name);
  if (!opened) return std::move(opened).error();
  const OpenFile file = *std::move(opened);

  const auto size_bytes = static_cast<std::uint64_t>(file.info.st_size);
  if (size_bytes > options.max_size_bytes)
    return object_too_large(name, size_bytes, options.max_size_bytes);
  std::optional<std::string> etag = etag_of_stamp(file.info);
  if (etag && etag == options.unless_etag) return std::optional<Blob>();
  TRY_ASSIGN(Bytes data, read_part(file, 0, size_bytes, path));
  if (!etag) etag = etag_of_content(data);
  if (etag == options.unless_etag) return std::optional<Blob>();
  return std::optional(Blob{std::move(data), *std::move(etag)});
}

Result<Bytes> DirStore::get_range(std::string_view name, std::uint64_t offset, std::uint64_t length,
                                  std::stop_token stop) {
  TRY(check_stop(stop));
  CHECK(valid_blob_name(name));
  CHECK(length <= kMaxObjectSizeBytes);
  auto opened = open_object(root_, name);
  if (opened.failed_with(Code::not_found)) return object_not_found(name);
  if (!opened) return std::move(opened).error();
  const auto size_bytes = static_cast<std::uint64_t>(opened->info.st_size);
  if (offset >= size_bytes) return Bytes();
  return read_part(*opened, offset, std::min(length, size_bytes - offset), root_.path_of(name));
}

Result<DirStore::Current> DirStore::look(const DirTarget& target) const {
  auto file = open_object_in(target.folder, target.leaf, target.path);
  if (file.failed_with(Code::not_found)) return Current();
  if (!file) return std::move(file).error();
  TRY_ASSIGN(std::string etag, etag_of_file(file->fd.get(), file->info, target.path));
  return Current{true, std::move(etag), modification_time_ns(file->info)};
}

Result<std::string> DirStore::put(std::string_view name, ByteSpan data,
                                  const PutCondition& condition, std::stop_token stop) {
  TRY(check_stop(stop));
  CHECK(valid_blob_name(name));
  const SplitName split = split_name(name);
  const bool swap = condition.kind == PutCondition::Kind::if_match;
  auto folder =
      open_folder(root_, split.folder, swap ? Missing::fail : Missing::create, Access::name_files);
  if (swap && folder.failed_with(Code::not_found)) return object_changed(name);
  if (!folder) return std::move(folder).error();
  const DirTarget target{folder->get(), split.leaf, root_.path_of(name)};

  std::string etag;
  switch (condition.kind) {
    case PutCondition::Kind::none: {
      TRY_ASSIGN(etag, put_any(target, data, stop));
      auto noted = flush_.note(name, stop);
      if (!noted) return not_durable(std::move(noted).error());
      return etag;
    }
    case PutCondition::Kind::if_absent: {
      TRY_ASSIGN(etag, put_if_absent(target, data, stop));
      break;
    }
    case PutCondition::Kind::if_match: {
      TRY_ASSIGN(etag, put_if_match(target, data, condition.etag, stop));
      break;
    }
  }
  auto synced = sync_folders(root_, split.folder);
  if (!synced) return not_durable(std::move(synced).error());
  return etag;
}

// Gives `file` a name that nobody has; false if it is taken. Needs no lock: the kernel lets one
// writer win.
Result<bool> DirStore::create(TemporaryFile& file, const DirTarget& target,
                              const std::stop_token& stop) const {
  if (placement_ == Placement::rename) {
    auto created = file.create_by_rename(target);
    if (!created.failed_with(Code::unsupported)) return created;
  }
  if (placement_ != Placement::lock) {
    auto created = file.create_by_link(target);
    if (!created.failed_with(Code::unsupported)) return created;
  }
  // The file system has neither. All writers come to the same end here, and so exclude each other
  // by the lock.
  TRY_ASSIGN(const StoreLock lock, StoreLock::acquire(root_, stop));
  struct stat info{};
  if (::fstatat(target.folder, target.leaf.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0) return false;
  if (errno != ENOENT) return dir_error(errno, "inspect", target.path);
  TRY(file.replace(target));
  return true;
}

// A new name is taken without the lock. A name that is there is replaced under it: otherwise a put
// could slip between the look and the rename of a compare-and-swap, and be lost.
Result<std::string> DirStore::put_any(const DirTarget& target, ByteSpan data,
                                      const std::stop_token& stop) {
  TRY_ASSIGN(TemporaryFile file, TemporaryFile::write(root_, data, 0));
  TRY_ASSIGN(const bool created, create(file, target, stop));
  if (created) return file.etag();
  TRY_ASSIGN(const StoreLock lock, StoreLock::acquire(root_, stop));
  TRY(look(target));  // a link or a folder is not replaced
  TRY(file.replace(target));
  return file.etag();
}

Result<std::string> DirStore::put_if_absent(const DirTarget& target, ByteSpan data,
                                            const std::stop_token& stop) {
  TRY_ASSIGN(const Current before, look(target));
  if (before.present) return object_exists(target.path);
  TRY_ASSIGN(TemporaryFile file, TemporaryFile::write(root_, data, 0));
  TRY(file.sync());
  TRY_ASSIGN(const bool created, create(file, target, stop));
  if (created) return file.etag();
  struct stat info{};
  if (::fstatat(target.folder, target.leaf.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 &&
      S_ISDIR(info.st_mode)) {
    return dir_error(EISDIR, "create", target.path);
  }
  return object_exists(target.path);
}

Result<std::string> DirStore::put_if_match(const DirTarget& target, ByteSpan data,
                                           const std::string& etag, const std::stop_token& stop) {
  // Looked at twice: now, to learn the stamp to exceed and to fail early, and under the lock.
  TRY_ASSIGN(const Current before, look(target));
  if (!before.present || before.etag != etag) return object_changed(target.path);
  TRY_ASSIGN(TemporaryFile file, TemporaryFile::write(root_, data, before.stamp_ns));
  TRY(file.sync());
  TRY_ASSIGN(const StoreLock lock, StoreLock::acquire(root_, stop));
  TRY_ASSIGN(const Current now, look(target));
  if (!now.present || now.etag != etag) return object_changed(target.path);
  TRY(file.replace(target));
  return file.etag();
}

Result<void> DirStore::remove(std::string_view name, const std::optional<std::string>& if_etag,
                              std::stop_token stop) {
  TRY(check_stop(stop));
  CHECK(valid_blob_name(name));
  const SplitName split = split_name(name);
  auto folder = open_folder(root_, split.folder, Missing::fail, Access::name_files);
  if (folder.failed_with(Code::not_found)) return {};
  if (!folder) return std::move(folder).error();
  const DirTarget target{folder->get(), split.leaf, root_.path_of(name)};

  struct stat info{};
  if (::fstatat(target.folder, target.leaf.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0 &&
      errno == ENOENT)
    return {};
  TRY_ASSIGN(const StoreLock lock, StoreLock::acquire(root_, stop));
  TRY_ASSIGN(const Current current, look(target));
  if (!current.present) return {};
  if (if_etag && current.etag != *if_etag) return object_changed(name);
  if (::unlinkat(target.folder, target.leaf.c_str(), 0) != 0 && errno != ENOENT) {
    return dir_error(errno, "remove", target.path);
  }
  return {};
}

Result<ListPage> DirStore::list(std::string_view prefix, std::string_view start,
                                std::stop_token stop) {
  return list_directory(root_, prefix, start, stop);
}

std::string DirStore::describe() const {
  StoreUrl url;
  url.path = root_.path().empty() ? "/" : root_.path();
  return url.to_string();
}

}  // namespace

Result<std::unique_ptr<BlobStore>> open_dir_store(const std::string& path,
                                                  const DirStoreOptions& options) {
  if (options.create) TRY(make_directories(path));
  TRY_ASSIGN(DirRoot root, DirRoot::open(path));
  // Once in the life of a store, and so without counting which of the folders above are new.
  if (options.create && ::syncfs(root.fd()) != 0) return dir_error(errno, "flush", path);
  remove_stale_temporaries(root);
  return std::unique_ptr<BlobStore>(std::make_unique<DirStore>(std::move(root), options));
}

}  // namespace mikura

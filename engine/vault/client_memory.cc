#include "vault/client_memory.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

#include "base/file.h"
#include "crypto/hash.h"
#include "format/codec.h"

namespace mikura {
namespace {

constexpr std::uint8_t kMemoryFormat = 1;
constexpr std::size_t kMaxMemoryBytes = 4096;
constexpr std::size_t kMacSize = 32;

Result<Fd> lock_folder(const std::string& folder) {
  const std::string path = folder + "/lock";
  Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd) return system_error(errno, "open", path);
  while (::flock(fd.get(), LOCK_EX) != 0) {
    if (errno != EINTR) return system_error(errno, "lock", path);
  }
  return fd;
}

}  // namespace

ClientMemory::ClientMemory(std::string folder, const RepositoryId& repository, const NameKey& key)
    : folder_(std::move(folder)), file_(folder_ + "/last-seen"), repository_(repository) {
  hkdf_expand(key.expose(), as_bytes("mikura/v1/client-memory"), mac_key_);
}

Bytes ClientMemory::encode(const LastSeen& seen) const {
  Writer writer;
  writer.raw(as_bytes("MKLS"));
  writer.u8(kMemoryFormat);
  writer.id(repository_);
  writer.u32(seen.key_epoch);
  writer.u64(seen.generation);
  writer.id(seen.version);
  writer.id(seen.index_sha256);
  writer.id(seen.log_hash);
  const auto mac = hmac_sha256(mac_key_, writer.bytes());
  writer.raw(mac);
  return writer.take();
}

Result<std::optional<LastSeen>> ClientMemory::load() const {
  auto bytes = read_file(file_, kMaxMemoryBytes);
  if (bytes.failed_with(Code::not_found)) return std::optional<LastSeen>();
  if (!bytes) return std::move(bytes).error();

  Reader reader(*bytes, "the memory of this client");
  LastSeen seen;
  reader.raw(5);
  reader.id<RepositoryId>();
  seen.key_epoch = reader.u32();
  seen.generation = reader.u64();
  seen.version = reader.id<VersionId>();
  seen.index_sha256 = reader.id<Sha256Digest>();
  seen.log_hash = reader.id<Sha256Digest>();
  reader.raw(kMacSize);
  // Encoding it again and comparing checks the magic, the repository and the MAC at once.
  if (!reader.finish() || !equal_constant_time(encode(seen), *bytes)) {
    return Error(Code::corrupt,
                 "the file " + file_ + " is damaged or belongs to another repository")
        .with_hint(
            "Remove that file to trust the store as it is now; it only remembers the last version "
            "seen.");
  }
  return std::optional<LastSeen>(seen);
}

Result<void> ClientMemory::advance(const LastSeen& seen) const {
  TRY(make_directories(folder_, 0700));
  TRY_ASSIGN(const Fd lock, lock_folder(folder_));
  TRY_ASSIGN(const auto current, load());
  if (current && current->generation >= seen.generation) return {};
  return write_file_atomically(file_, encode(seen), 0600);
}

}  // namespace mikura

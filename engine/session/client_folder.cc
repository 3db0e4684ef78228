#include "session/client_folder.h"

#include "base/file.h"
#include "session/session.h"

namespace mikura {
namespace {

constexpr std::size_t kMaxSmallFile = 8192;

}  // namespace

std::string repository_folder(const std::string& client_folder, const RepositoryId& repository) {
  return client_folder + "/repositories/" + format_uuid(repository.bytes());
}

Result<DeviceId> load_device_id(const std::string& client_folder, Random& random) {
  const std::string path = client_folder + "/device";
  const auto bytes = read_file(path, kMaxSmallFile);
  if (bytes) {
    const auto id = DeviceId::from_hex(as_text(*bytes).substr(0, 2 * DeviceId::kSize));
    if (id) return *id;
  } else if (!bytes.failed_with(Code::not_found)) {
    return bytes.error();
  }
  const auto id = random.make_id<DeviceId>();
  TRY(make_directories(client_folder, 0700));
  TRY(write_file_atomically(path, as_bytes(id.hex() + "\n"), 0600));
  return id;
}

Result<void> remember_key_file(const std::string& client_folder, const RepositoryId& repository,
                               const std::string& path) {
  const std::string folder = repository_folder(client_folder, repository);
  TRY(make_directories(folder, 0700));
  return write_file_atomically(folder + "/key-file", as_bytes(path), 0600);
}

std::optional<std::string> remembered_key_file(const std::string& client_folder,
                                               const RepositoryId& repository) {
  const auto bytes =
      read_file(repository_folder(client_folder, repository) + "/key-file", kMaxSmallFile);
  if (!bytes || bytes->empty()) return std::nullopt;
  return std::string(as_text(*bytes));
}

}  // namespace mikura

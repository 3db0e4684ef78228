// In place of vault/client_memory.cc: the same memory, in memory. It survives the death of a
// process and a power cut, as the real one does, which writes a whole file and makes it durable.
#include "vault/client_memory.h"

#include <map>

#include "sim/backend.h"

namespace mikura {
namespace {

std::map<std::string, LastSeen>& memories() {
  static std::map<std::string, LastSeen> all;
  return all;
}

}  // namespace

ClientMemory::ClientMemory(std::string folder, const RepositoryId& repository, const NameKey&)
    : folder_(std::move(folder)), file_(folder_ + "/last-seen"), repository_(repository) {}

Result<std::optional<LastSeen>> ClientMemory::load() const {
  const auto found = memories().find(folder_);
  if (found == memories().end()) return std::optional<LastSeen>();
  return std::optional<LastSeen>(found->second);
}

Result<void> ClientMemory::advance(const LastSeen& seen) const {
  const auto [found, is_new] = memories().emplace(folder_, seen);
  if (!is_new && found->second.generation < seen.generation) found->second = seen;
  return {};
}

std::string sim_client_folder(unsigned client) {
  return "/simulated/" + std::to_string(client);
}

void forget_sim_client_folders() {
  memories().clear();
}

const char* sim_backend() {
  return "fast";
}

}  // namespace mikura

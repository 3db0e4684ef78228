// The build with the product's own libraries: real cryptography, real compression, and clients that
// remember in files of a temporary folder.
#include <filesystem>

#include "sim/backend.h"
#include "testing/temp_folder.h"

namespace mikura {
namespace {

const TempFolder& folder() {
  static const TempFolder made;
  return made;
}

}  // namespace

std::string sim_client_folder(unsigned client) {
  return folder() / std::to_string(client);
}

void forget_sim_client_folders() {
  for (const auto& node : std::filesystem::directory_iterator(folder().path()))
    std::filesystem::remove_all(node.path());
}

const char* sim_backend() {
  return "real";
}

void set_seeded_bug(int) {}

}  // namespace mikura

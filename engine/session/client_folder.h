// What this installation of Mikura remembers outside every workspace: its device id, and where key
// files lie. Internal to session/.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "crypto/random.h"
#include "crypto/uuid.h"

namespace mikura {

// The id of this installation; made on first use (client_folder/device).
Result<DeviceId> load_device_id(const std::string& client_folder, Random& random);

std::string repository_folder(const std::string& client_folder, const RepositoryId& repository);

}  // namespace mikura

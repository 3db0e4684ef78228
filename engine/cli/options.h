// Options that every verb takes.
#pragma once

#include <string>

#include "base/result.h"
#include "cli/key_input.h"

namespace mikura {

struct GlobalOptions {
  std::string folder;  // -C; empty: where we are
  KeyOptions key;
  bool json = false;
  bool quiet = false;
  bool verbose = false;
  bool no_progress = false;
  std::string profile;
  std::string region;
  std::string endpoint;
};

// The store's address as typed, with --profile, --region and --endpoint added: what is remembered
// in the workspace. Code::invalid if they do not fit the address.
Result<std::string> store_url_with(const std::string& typed, const GlobalOptions& global);

}  // namespace mikura

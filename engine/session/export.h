// A file of a version, written to where the user wants it. One call at a time per session.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>

#include "session/session.h"

namespace mikura {

// Writes the content to `to`, an absolute path at which nothing may be: Code::already_exists
// otherwise. Returns its size. A failure leaves no file behind.
Result<std::uint64_t> export_file(Session& session, const std::string& version,
                                  const std::string& path, const std::string& to,
                                  std::stop_token stop);

}  // namespace mikura

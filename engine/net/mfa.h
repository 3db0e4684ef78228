// MfaPrompt: the seam to a person who can read a code from a device.
//
// The command line asks at the terminal, the editor in an input box; where neither is there the
// prompt is empty, and profiles with mfa_serial say so. Called from whichever thread needs
// credentials, by one at a time.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "crypto/secret_key.h"

namespace mikura {

struct MfaRequest {
  std::string profile;
  std::string role_arn;
  std::string serial;  // "arn:aws:iam::123456789012:mfa/alice", or a serial number
  bool retry = false;  // the code given before was refused
};

// The code that the device shows. Code::cancelled if the person does not want to.
using MfaPrompt = std::function<Result<SecretBytes>(const MfaRequest&, std::stop_token)>;

// What was got with such codes, for all stores that a process opens (net/mfa_sessions.h). Front
// ends only pass it on.
class MfaSessions;
std::shared_ptr<MfaSessions> make_mfa_sessions();

}  // namespace mikura

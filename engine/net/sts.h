// The Security Token Service: temporary credentials for a role.
//
// parse_sts_answer is pure; the calls make one request (repeated only if it got no answer).
// Thread-safe. No error holds a token or a code.
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "net/credentials.h"
#include "net/service_client.h"

namespace mikura {

struct StsPlace {
  Endpoint endpoint{};
  std::string region = "us-east-1";
};

struct RoleRequest {
  std::string arn;
  std::string session_name;  // empty: "mikura-<time>"
  std::string external_id{};
  std::string mfa_serial{};
  std::string duration_seconds{};  // empty: the service's default, an hour
};

// Signed with `base`. `mfa_code` goes with role.mfa_serial. Code::no_credentials if the service
// refuses `base` as expired or unknown, Code::denied if it refuses the role.
Result<Credentials> assume_role(ServiceClient& client, const StsPlace& place,
                                const RoleRequest& role, const Credentials& base,
                                const SecretBytes& mfa_code, Clock& clock, std::stop_token stop);

// Not signed: the token vouches.
Result<Credentials> assume_role_with_web_identity(ServiceClient& client, const StsPlace& place,
                                                  const RoleRequest& role, const SecretBytes& token,
                                                  Clock& clock, std::stop_token stop);

// The credentials in <ActionResponse><ActionResult>. Overwrites `xml` with zeros.
Result<Credentials> parse_sts_answer(Bytes& xml, const std::string& action, std::string source);

}  // namespace mikura

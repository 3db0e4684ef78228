// Credentials for S3, and where they come from.
//
// Thread-safety: providers may be called from any thread; Credentials are immutable once shared.
// Invariants: the secret key and the session token are held only in wiping memory here, and are in
// no error and no log.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "crypto/secret_key.h"
#include "net/aws_config.h"

namespace mikura {

struct Credentials {
  std::string access_key_id;
  SecretBytes secret_access_key;
  SecretBytes session_token;  // empty: these are long-term credentials
  std::optional<std::int64_t> expires_unix_ms;
  std::string
      source;  // for people: "the environment", "profile 'work' in /home/a/.aws/credentials"
};

// A source of credentials. A source that asks a program or a server caches what it got until it is
// about to expire.
class CredentialProvider {
 public:
  virtual ~CredentialProvider() = default;

  // Code::no_credentials if this source has none: the message says why it does not serve, as the
  // end of a sentence that begins with describe(). Any other code: it should have had some, and
  // those after it are not asked.
  virtual Result<std::shared_ptr<const Credentials>> get(std::stop_token stop) = 0;

  // The server refused these as expired or unknown: the next get() asks the source anew.
  virtual void discard(const Credentials& refused) = 0;

  // For people: "the environment (AWS_ACCESS_KEY_ID)".
  virtual std::string describe() const = 0;
};

// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN.
std::unique_ptr<CredentialProvider> environment_credentials(Environment environment);

// The profile's static keys. The files are read at the first get(), and again after discard().
std::unique_ptr<CredentialProvider> profile_credentials(AwsConfigPaths paths, std::string profile);

// Asks each in order until one serves. Its Code::no_credentials lists all places looked at and why
// each did not serve.
std::unique_ptr<CredentialProvider> credential_chain(
    std::vector<std::unique_ptr<CredentialProvider>> sources);

// What the S3 store uses: the environment, then the profile. With `explicit_profile` (the store's
// URL, --profile) that profile is meant, and the environment's keys are not looked at.
std::unique_ptr<CredentialProvider> default_credentials(const Environment& environment,
                                                        const std::string& explicit_profile);

// Keys that the program already has (tests, a caller that pushes them).
std::unique_ptr<CredentialProvider> fixed_credentials(Credentials credentials);

}  // namespace mikura

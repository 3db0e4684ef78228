// Credentials for S3, and the search for them.
//
// The sources are in files of their own (net/credential_sources.h); which are asked, and in which
// order, is the table in net/default_credentials.cc.
//
// Thread-safety: providers may be called from any thread; Credentials are immutable once shared.
// Invariants: the secret key and the session token are held only in wiping memory here, and are in
// no error and no log.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/secret_key.h"
#include "net/aws_config.h"
#include "net/http_client.h"
#include "net/mfa.h"

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
// about to expire (net/expiring_credentials.h).
class CredentialProvider {
 public:
  virtual ~CredentialProvider() = default;

  // Code::no_credentials if this source has none: the message says why it does not serve, as the
  // end of a sentence that begins with describe(). Any other code: it should have had some, and
  // those after it are not asked; Code::not_found: the user named a source that is not there.
  virtual Result<std::shared_ptr<const Credentials>> get(std::stop_token stop) = 0;

  // The server refused these as expired or unknown: the next get() asks the source anew.
  virtual void discard(const Credentials& refused) = 0;

  // For people: "the environment (AWS_ACCESS_KEY_ID)".
  virtual std::string describe() const = 0;
};

// What a search for credentials found, place by place, for people.
struct CredentialFinding {
  std::string place;  // describe() of the source
  bool serves = false;
  std::string text;  // why it does not, or what it gives: never a secret
  std::optional<std::int64_t> expires_unix_ms;
};
using CredentialReport = std::vector<CredentialFinding>;
// Told of each search, also of one that found nothing. Called from any thread.
using CredentialObserver = std::function<void(const CredentialReport&)>;

// Asks each in order until one serves, which is then the one that is asked, until it serves no
// more. Its Code::no_credentials lists all places looked at and why each did not serve.
std::unique_ptr<CredentialProvider> credential_chain(
    std::vector<std::unique_ptr<CredentialProvider>> sources, CredentialObserver observer = {});

// Keys that the program already has (tests, a caller that pushes them).
std::unique_ptr<CredentialProvider> fixed_credentials(Credentials credentials);

// What all sources are given.
struct CredentialSetup {
  AwsEnvironment environment = process_environment();
  std::string profile{};                        // named by the user: the store's URL, --profile
  MfaPrompt mfa{};                              // empty: nobody can be asked
  std::shared_ptr<MfaSessions> mfa_sessions{};  // may be null: shared with nobody
  std::string ca_bundle{};
  CredentialObserver observer{};
  Clock* clock = nullptr;  // system_clock() if null

  Clock& the_clock() const { return clock != nullptr ? *clock : system_clock(); }
};

// What the S3 store uses: the environment, the profile, a web identity token, the container's and
// the machine's own service (docs/s3.md). With setup.profile that profile is meant, and no other
// source is looked at.
std::unique_ptr<CredentialProvider> default_credentials(CredentialSetup setup);

}  // namespace mikura

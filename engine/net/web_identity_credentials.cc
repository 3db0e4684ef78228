#include <utility>

#include "base/bytes.h"
#include "base/file.h"
#include "base/guarded.h"
#include "net/credential_sources.h"
#include "net/expiring_credentials.h"

namespace mikura {
namespace {

constexpr unsigned kAttempts = 3;
constexpr std::uint64_t kMaxTokenBytes = 20'000;  // what the service takes

class WebIdentityCredentials final : public ExpiringCredentials {
 public:
  WebIdentityCredentials(StsPlace place, RoleRequest role, std::string token_file,
                         const CredentialSetup& setup)
      : ExpiringCredentials(setup.the_clock()),
        place_(std::move(place)),
        role_(std::move(role)),
        token_file_(std::move(token_file)),
        client_(remote_service_options(setup.ca_bundle), kAttempts, setup.the_clock()) {}

  std::string describe() const override {
    return "the role " + role_.arn + " by the web identity token in " + token_file_;
  }

 protected:
  Result<Credentials> fetch(std::stop_token stop) override {
    auto bytes = read_file(token_file_, kMaxTokenBytes);
    if (!bytes) return std::move(bytes).error().with_code(Code::no_credentials);
    while (!bytes->empty() &&
           (bytes->back() == std::byte{'\n'} || bytes->back() == std::byte{'\r'}))
      bytes->pop_back();
    const SecretBytes token{ByteSpan(*bytes)};
    wipe(*bytes);
    return assume_role_with_web_identity(client_, place_, role_, token, clock(), std::move(stop));
  }

 private:
  const StsPlace place_;
  const RoleRequest role_;
  const std::string token_file_;
  ServiceClient client_;
};

// Reads the settings when it is first asked.
class EnvironmentWebIdentity final : public CredentialProvider {
 public:
  EnvironmentWebIdentity(const CredentialSetup& setup, std::string profile)
      : setup_(setup), profile_(std::move(profile)) {}

  Result<std::shared_ptr<const Credentials>> get(std::stop_token stop) override {
    const auto file = non_empty(setup_.environment, "AWS_WEB_IDENTITY_TOKEN_FILE");
    const auto role = non_empty(setup_.environment, "AWS_ROLE_ARN");
    if (!file) return Error(Code::no_credentials, "AWS_WEB_IDENTITY_TOKEN_FILE is not set");
    if (!role) {
      return Error(Code::no_credentials,
                   "AWS_WEB_IDENTITY_TOKEN_FILE is set but AWS_ROLE_ARN is not");
    }
    TRY_ASSIGN(CredentialProvider* const source, source_for(*file, *role));
    return source->get(std::move(stop));
  }

  void discard(const Credentials& refused) override {
    source_.with([&](const auto& source) {
      if (source != nullptr) source->discard(refused);
    });
  }

  std::string describe() const override { return "a web identity token"; }

 private:
  Result<CredentialProvider*> source_for(const std::string& file, const std::string& role) {
    return source_.with(
        [&](std::unique_ptr<CredentialProvider>& source) -> Result<CredentialProvider*> {
          if (source == nullptr) {
            TRY_ASSIGN(const AwsProfiles profiles,
                       AwsProfiles::load(AwsConfigPaths::from(setup_.environment)));
            TRY_ASSIGN(StsPlace place, sts_place(setup_.environment, profiles, profile_));
            RoleRequest request;
            request.arn = role;
            request.session_name =
                non_empty(setup_.environment, "AWS_ROLE_SESSION_NAME").value_or("");
            source = web_identity_credentials(std::move(place), std::move(request), file, setup_);
          }
          return source.get();
        });
  }

  const CredentialSetup setup_;
  const std::string profile_;
  Guarded<std::unique_ptr<CredentialProvider>> source_;
};

}  // namespace

std::unique_ptr<CredentialProvider> web_identity_credentials(StsPlace place, RoleRequest role,
                                                             std::string token_file,
                                                             const CredentialSetup& setup) {
  return std::make_unique<WebIdentityCredentials>(std::move(place), std::move(role),
                                                  std::move(token_file), setup);
}

std::unique_ptr<CredentialProvider> environment_web_identity(const CredentialSetup& setup,
                                                             std::string profile) {
  return std::make_unique<EnvironmentWebIdentity>(setup, std::move(profile));
}

}  // namespace mikura

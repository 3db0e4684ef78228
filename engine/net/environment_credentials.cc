#include "base/bytes.h"
#include "net/credential_fields.h"
#include "net/credential_sources.h"

namespace mikura {
namespace {

class EnvironmentCredentials final : public CredentialProvider {
 public:
  explicit EnvironmentCredentials(AwsEnvironment environment)
      : environment_(std::move(environment)) {}

  Result<std::shared_ptr<const Credentials>> get(std::stop_token) override {
    const auto id = non_empty(environment_, "AWS_ACCESS_KEY_ID");
    const auto key = non_empty(environment_, "AWS_SECRET_ACCESS_KEY");
    if (!id && !key) return none("AWS_ACCESS_KEY_ID is not set");
    if (!id) return none("AWS_SECRET_ACCESS_KEY is set but AWS_ACCESS_KEY_ID is not");
    if (!key) return none("AWS_ACCESS_KEY_ID is set but AWS_SECRET_ACCESS_KEY is not");
    auto token = non_empty(environment_, "AWS_SESSION_TOKEN");
    if (!token) token = non_empty(environment_, "AWS_SECURITY_TOKEN");
    const auto expiration = non_empty(environment_, "AWS_CREDENTIAL_EXPIRATION");
    TRY_ASSIGN(Credentials credentials, make_credentials({.access_key_id = *id,
                                                          .secret_access_key = *key,
                                                          .session_token = token.value_or(""),
                                                          .expiration = expiration.value_or("")},
                                                         "the environment", "the environment"));
    return std::make_shared<const Credentials>(std::move(credentials));
  }

  void discard(const Credentials&) override {}  // asked anew each time

  std::string describe() const override { return "the environment"; }

 private:
  static Error none(std::string why) { return {Code::no_credentials, std::move(why)}; }

  const AwsEnvironment environment_;
};

}  // namespace

std::unique_ptr<CredentialProvider> environment_credentials(AwsEnvironment environment) {
  return std::make_unique<EnvironmentCredentials>(std::move(environment));
}

}  // namespace mikura

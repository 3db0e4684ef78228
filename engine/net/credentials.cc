#include "net/credentials.h"

#include <array>
#include <utility>

#include "base/bytes.h"
#include "base/guarded.h"
#include "base/task_group.h"

namespace mikura {
namespace {

using SharedCredentials = std::shared_ptr<const Credentials>;

Error none(std::string why) {
  return Error(Code::no_credentials, std::move(why));
}

SecretBytes secret(std::string_view text) {
  return SecretBytes(as_bytes(text));
}

class EnvironmentCredentials final : public CredentialProvider {
 public:
  explicit EnvironmentCredentials(Environment environment) : environment_(std::move(environment)) {}

  Result<SharedCredentials> get(std::stop_token) override {
    const auto id = non_empty(environment_, "AWS_ACCESS_KEY_ID");
    const auto key = non_empty(environment_, "AWS_SECRET_ACCESS_KEY");
    if (!id && !key) return none("AWS_ACCESS_KEY_ID is not set");
    if (!id) return none("AWS_SECRET_ACCESS_KEY is set but AWS_ACCESS_KEY_ID is not");
    if (!key) return none("AWS_ACCESS_KEY_ID is set but AWS_SECRET_ACCESS_KEY is not");
    auto credentials = std::make_shared<Credentials>();
    credentials->access_key_id = *id;
    credentials->secret_access_key = secret(*key);
    auto token = non_empty(environment_, "AWS_SESSION_TOKEN");
    if (!token) token = non_empty(environment_, "AWS_SECURITY_TOKEN");
    if (token) credentials->session_token = secret(*token);
    credentials->source = "the environment";
    return SharedCredentials(std::move(credentials));
  }

  void discard(const Credentials&) override {}  // asked anew each time

  std::string describe() const override { return "the environment"; }

 private:
  const Environment environment_;
};

// Settings of a profile that ask for a source of credentials which is not built in.
constexpr std::array<std::string_view, 6> kOtherSources = {
    "credential_process", "sso_session",   "sso_start_url",
    "role_arn",           "login_session", "web_identity_token_file"};

class ProfileCredentials final : public CredentialProvider {
 public:
  ProfileCredentials(AwsConfigPaths paths, std::string profile)
      : paths_(std::move(paths)), profile_(std::move(profile)) {}

  Result<SharedCredentials> get(std::stop_token) override {
    if (auto cached = cached_.with([](const SharedCredentials& c) { return c; })) return cached;
    TRY_ASSIGN(const AwsProfiles profiles, AwsProfiles::load(paths_));
    TRY_ASSIGN(SharedCredentials loaded, read(profiles));
    return cached_.with([&](SharedCredentials& c) { return c = std::move(loaded); });
  }

  void discard(const Credentials&) override {
    cached_.with([](SharedCredentials& c) { c.reset(); });
  }

  std::string describe() const override {
    return "profile '" + profile_ + "' in " + paths_.credentials + " and " + paths_.config;
  }

 private:
  Result<SharedCredentials> read(const AwsProfiles& profiles) const {
    if (!profiles.has(profile_)) return none("there is no such profile");
    const auto id = profiles.find(profile_, "aws_access_key_id");
    const auto key = profiles.find(profile_, "aws_secret_access_key");
    if (!id || !key) {
      for (const std::string_view source : kOtherSources) {
        if (profiles.find(profile_, std::string(source))) {
          return none(
              "the profile gets its keys by '" + std::string(source) +
              "', which Mikura does not support; `aws configure export-credentials --profile " +
              profile_ + " --format env` gives keys for the environment");
        }
      }
      if (id) return none("the profile has aws_access_key_id but no aws_secret_access_key");
      return none("the profile has no aws_access_key_id");
    }
    auto credentials = std::make_shared<Credentials>();
    credentials->access_key_id = *id;
    credentials->secret_access_key = secret(*key);
    if (const auto token = profiles.find(profile_, "aws_session_token"))
      credentials->session_token = secret(*token);
    credentials->source = describe();
    return SharedCredentials(std::move(credentials));
  }

  const AwsConfigPaths paths_;
  const std::string profile_;
  Guarded<SharedCredentials> cached_;
};

class CredentialChain final : public CredentialProvider {
 public:
  explicit CredentialChain(std::vector<std::unique_ptr<CredentialProvider>> sources)
      : sources_(std::move(sources)) {}

  Result<SharedCredentials> get(std::stop_token stop) override {
    std::string looked_at;
    for (const auto& source : sources_) {
      TRY(check_stop(stop));
      auto found = source->get(stop);
      if (found || !found.failed_with(Code::no_credentials)) return found;
      if (!looked_at.empty()) looked_at += "; ";
      looked_at += source->describe() + ": " + found.error().message();
    }
    return none("no credentials for S3 (" + looked_at + ")")
        .with_hint(
            "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run `aws configure`, or name a "
            "profile");
  }

  void discard(const Credentials& refused) override {
    for (const auto& source : sources_)
      source->discard(refused);
  }

  std::string describe() const override {
    std::string all;
    for (const auto& source : sources_)
      all += (all.empty() ? "" : ", then ") + source->describe();
    return all;
  }

 private:
  const std::vector<std::unique_ptr<CredentialProvider>> sources_;
};

class FixedCredentials final : public CredentialProvider {
 public:
  explicit FixedCredentials(Credentials credentials)
      : credentials_(std::make_shared<const Credentials>(std::move(credentials))) {}

  Result<SharedCredentials> get(std::stop_token) override { return credentials_; }
  void discard(const Credentials&) override {}
  std::string describe() const override { return credentials_->source; }

 private:
  const SharedCredentials credentials_;
};

}  // namespace

std::unique_ptr<CredentialProvider> environment_credentials(Environment environment) {
  return std::make_unique<EnvironmentCredentials>(std::move(environment));
}

std::unique_ptr<CredentialProvider> profile_credentials(AwsConfigPaths paths, std::string profile) {
  return std::make_unique<ProfileCredentials>(std::move(paths), std::move(profile));
}

std::unique_ptr<CredentialProvider> credential_chain(
    std::vector<std::unique_ptr<CredentialProvider>> sources) {
  return std::make_unique<CredentialChain>(std::move(sources));
}

std::unique_ptr<CredentialProvider> default_credentials(const Environment& environment,
                                                        const std::string& explicit_profile) {
  std::vector<std::unique_ptr<CredentialProvider>> sources;
  if (explicit_profile.empty()) sources.push_back(environment_credentials(environment));
  sources.push_back(profile_credentials(AwsConfigPaths::from(environment),
                                        profile_name(environment, explicit_profile)));
  return credential_chain(std::move(sources));
}

std::unique_ptr<CredentialProvider> fixed_credentials(Credentials credentials) {
  return std::make_unique<FixedCredentials>(std::move(credentials));
}

}  // namespace mikura

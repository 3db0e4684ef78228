#include <utility>

#include "base/bytes.h"
#include "base/guarded.h"
#include "net/credential_fields.h"
#include "net/credential_sources.h"

namespace mikura {
namespace {

using SharedCredentials = std::shared_ptr<const Credentials>;

class StaticCredentials final : public CredentialProvider {
 public:
  StaticCredentials(AwsConfigPaths paths, std::string profile)
      : paths_(std::move(paths)), profile_(std::move(profile)) {}

  Result<SharedCredentials> get(std::stop_token) override {
    if (auto cached = cached_.with([](const SharedCredentials& c) { return c; })) return cached;
    TRY_ASSIGN(const AwsProfiles profiles, AwsProfiles::load(paths_));
    TRY_ASSIGN(Credentials credentials, read(profiles));
    auto loaded = std::make_shared<const Credentials>(std::move(credentials));
    return cached_.with([&](SharedCredentials& c) -> SharedCredentials { return c = loaded; });
  }

  void discard(const Credentials&) override {
    cached_.with([](SharedCredentials& c) { c.reset(); });
  }

  std::string describe() const override {
    return "profile '" + profile_ + "' in " + paths_.credentials + " and " + paths_.config;
  }

 private:
  Result<Credentials> read(const AwsProfiles& profiles) const {
    const auto text = [&](const char* key) { return profiles.find(profile_, key).value_or(""); };
    const std::string_view id = text("aws_access_key_id");
    const std::string_view key = text("aws_secret_access_key");
    if (id.empty()) return Error(Code::no_credentials, "the profile has no aws_access_key_id");
    if (key.empty()) {
      return Error(Code::no_credentials,
                   "the profile has aws_access_key_id but no aws_secret_access_key");
    }
    return make_credentials({.access_key_id = id,
                             .secret_access_key = key,
                             .session_token = text("aws_session_token"),
                             .expiration = {}},
                            "the profile '" + profile_ + "'", describe());
  }

  const AwsConfigPaths paths_;
  const std::string profile_;
  Guarded<SharedCredentials> cached_;
};

}  // namespace

std::unique_ptr<CredentialProvider> static_credentials(AwsConfigPaths paths, std::string profile) {
  return std::make_unique<StaticCredentials>(std::move(paths), std::move(profile));
}

}  // namespace mikura

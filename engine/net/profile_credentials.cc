// How a profile gets its keys: one row of kWays for each way.
#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

#include "base/bytes.h"
#include "crypto/hash.h"
#include "net/credential_sources.h"

namespace mikura {
namespace {

constexpr std::size_t kMaxChain = 8;  // profiles that name each other as their source

using Source = std::unique_ptr<CredentialProvider>;

// One profile, and those that led to it.
struct Context {
  const CredentialSetup& setup;
  const AwsProfiles& profiles;
  std::string profile;
  std::vector<std::string> before;

  std::string text(const std::string& key) const {
    return std::string(profiles.find(profile, key).value_or(""));
  }
  Clock& clock() const { return setup.the_clock(); }
  std::string home(const std::string& path) const {
    return non_empty(setup.environment, "HOME").value_or("") + "/" + path;
  }
};

Result<Source> source_of(const Context& context);

Error wrong(const Context& context, const std::string& why) {
  return {Code::invalid, "the profile '" + context.profile + "' " + why};
}

RoleRequest role_of(const Context& context) {
  return {.arn = context.text("role_arn"),
          .session_name = context.text("role_session_name"),
          .external_id = context.text("external_id"),
          .mfa_serial = context.text("mfa_serial"),
          .duration_seconds = context.text("duration_seconds")};
}

Result<Source> make_static(const Context& context) {
  return static_credentials(AwsConfigPaths::from(context.setup.environment), context.profile);
}

Result<Source> named_source(const Context& context, const std::string& name) {
  if (name == "Environment") return environment_credentials(context.setup.environment);
  if (name == "EcsContainer") return container_credentials(context.setup);
  if (name == "Ec2InstanceMetadata") return ec2_credentials(context.setup);
  return wrong(context, "has an unknown credential_source");
}

// A profile may name itself: then its own static keys vouch for the role.
Result<Source> source_profile(const Context& context, const std::string& name) {
  if (name == context.profile) return make_static(context);
  Context next{context.setup, context.profiles, name, context.before};
  next.before.push_back(context.profile);
  const bool seen = std::ranges::find(next.before, name) != next.before.end();
  if (seen || next.before.size() > kMaxChain)
    return wrong(context, "names profiles as their own source in a circle (source_profile)");
  if (!context.profiles.has(name))
    return wrong(context, "has the source_profile '" + name + "', which does not exist");
  return source_of(next);
}

Result<Source> make_role(const Context& context) {
  TRY_ASSIGN(StsPlace place,
             sts_place(context.setup.environment, context.profiles, context.profile));
  const std::string from_profile = context.text("source_profile");
  const std::string from_source = context.text("credential_source");
  const std::string token_file = context.text("web_identity_token_file");
  RoleSource source{.place = std::move(place),
                    .role = role_of(context),
                    .profile = context.profile,
                    .cli_cache = context.home(".aws/cli/cache")};
  if (!from_profile.empty() && !from_source.empty())
    return wrong(context, "has both source_profile and credential_source");
  if (!from_profile.empty()) {
    TRY_ASSIGN(Source base, source_profile(context, from_profile));
    return role_credentials(std::move(source), std::move(base), context.setup);
  }
  if (!from_source.empty()) {
    TRY_ASSIGN(Source base, named_source(context, from_source));
    return role_credentials(std::move(source), std::move(base), context.setup);
  }
  if (!token_file.empty()) {
    return web_identity_credentials(std::move(source.place), std::move(source.role), token_file,
                                    context.setup);
  }
  return wrong(context,
               "has role_arn but no source_profile, credential_source or web_identity_token_file");
}

Result<Source> make_sso(const Context& context) {
  const std::string session = context.text("sso_session");
  const auto setting = [&](const std::string& key) {
    if (session.empty()) return context.text(key);
    return std::string(context.profiles.find_in_sso_session(session, key).value_or(""));
  };
  SsoSource source;
  source.session = session.empty() ? context.text("sso_start_url") : session;
  source.account_id = context.text("sso_account_id");
  source.role_name = context.text("sso_role_name");
  source.profile = context.profile;
  const std::string region = setting("sso_region");
  if (region.empty())
    return wrong(context,
                 "uses single sign-on, but there is no sso_region for '" + source.session + "'");
  if (source.account_id.empty() || source.role_name.empty())
    return wrong(context, "uses single sign-on, but has no sso_account_id or no sso_role_name");
  std::string endpoint = configured_endpoint(context.setup.environment, context.profiles,
                                             context.profile, "SSO", "sso");
  if (endpoint.empty()) endpoint = "https://portal.sso." + region + aws_domain(region);
  TRY_ASSIGN(source.portal, Endpoint::parse(endpoint));
  source.token_file =
      context.home(".aws/sso/cache/" + sha1_hex_for_file_name(as_bytes(source.session)) + ".json");
  return sso_credentials(std::move(source), cli_credentials(context.profile, context.clock()),
                         context.setup);
}

Result<Source> make_process(const Context& context) {
  return process_credentials(context.text("credential_process"),
                             "the credential_process of profile '" + context.profile + "'",
                             context.clock());
}

Result<Source> make_cli(const Context& context) {
  return cli_credentials(context.profile, context.clock());
}

struct Way {
  const char* key;  // a profile that has this setting gets its keys in this way
  Result<Source> (*make)(const Context& context);
};
// The first that fits counts.
constexpr std::array kWays = {
    Way{"role_arn", make_role},
    Way{"sso_session", make_sso},
    Way{"sso_start_url", make_sso},
    Way{"aws_access_key_id", make_static},
    Way{"credential_process", make_process},
    // `aws login`: its tokens are bound to a key that only the AWS CLI has.
    Way{"login_session", make_cli},
};

Result<Source> source_of(const Context& context) {
  for (const Way& way : kWays) {
    if (context.profiles.find(context.profile, way.key)) return way.make(context);
  }
  return Error(Code::no_credentials, "the profile says nothing of keys");
}

class ProfileCredentials final : public CredentialProvider {
 public:
  ProfileCredentials(CredentialSetup setup, std::string profile, ProfileNamed named)
      : setup_(std::move(setup)), profile_(std::move(profile)), named_(named) {}

  Result<std::shared_ptr<const Credentials>> get(std::stop_token stop) override {
    TRY_ASSIGN(CredentialProvider* const source, source());
    auto found = source->get(std::move(stop));
    if (found || !found.failed_with(Code::no_credentials)) return found;
    if (found.error().message().starts_with("the profile ")) return found;
    Error why(Code::no_credentials, source->describe() + ": " + found.error().message());
    return std::move(why).with_hint(found.error().hint());
  }

  void discard(const Credentials& refused) override {
    const std::lock_guard lock(mutex_);
    if (source_ != nullptr) source_->discard(refused);
  }

  std::string describe() const override {
    const AwsConfigPaths paths = AwsConfigPaths::from(setup_.environment);
    return "profile '" + profile_ + "' in " + paths.credentials + " and " + paths.config;
  }

 private:
  Result<CredentialProvider*> source() {
    const std::lock_guard lock(mutex_);
    if (source_ != nullptr) return source_.get();
    TRY_ASSIGN(const AwsProfiles profiles,
               AwsProfiles::load(AwsConfigPaths::from(setup_.environment)));
    if (!profiles.has(profile_)) {
      const Code code =
          named_ == ProfileNamed::by_the_user ? Code::not_found : Code::no_credentials;
      return Error(code, "there is no such profile");
    }
    TRY_ASSIGN(source_, source_of(Context{setup_, profiles, profile_, {}}));
    return source_.get();
  }

  const CredentialSetup setup_;
  const std::string profile_;
  const ProfileNamed named_;
  std::mutex mutex_;
  Source source_;  // never replaced
};

}  // namespace

std::unique_ptr<CredentialProvider> profile_credentials(CredentialSetup setup, std::string profile,
                                                        ProfileNamed named) {
  return std::make_unique<ProfileCredentials>(std::move(setup), std::move(profile), named);
}

}  // namespace mikura

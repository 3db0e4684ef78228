// Which sources are asked, and in which order.
#include <array>
#include <utility>

#include "net/credential_sources.h"

namespace mikura {
namespace {

using Source = std::unique_ptr<CredentialProvider>;

Source from_environment(const CredentialSetup& setup) {
  return environment_credentials(setup.environment);
}

Source from_profile(const CredentialSetup& setup) {
  const bool named = !setup.profile.empty() || non_empty(setup.environment, "AWS_PROFILE") ||
                     non_empty(setup.environment, "AWS_DEFAULT_PROFILE");
  return profile_credentials(setup, profile_name(setup.environment, setup.profile),
                             named ? ProfileNamed::by_the_user : ProfileNamed::by_default);
}

Source from_web_identity(const CredentialSetup& setup) {
  return environment_web_identity(setup, profile_name(setup.environment, setup.profile));
}

Source from_container(const CredentialSetup& setup) {
  return container_credentials(setup);
}

enum class WithNamedProfile { skipped, asked };

struct Place {
  Source (*make)(const CredentialSetup& setup);
  WithNamedProfile with_named_profile;  // whether it is asked when the user named a profile
};
constexpr std::array kPlaces = {
    Place{from_environment, WithNamedProfile::skipped},
    Place{from_profile, WithNamedProfile::asked},
    Place{from_web_identity, WithNamedProfile::skipped},
    Place{from_container, WithNamedProfile::skipped},
    Place{ec2_credentials, WithNamedProfile::skipped},
};

}  // namespace

Result<StsPlace> sts_place(const AwsEnvironment& environment, const AwsProfiles& profiles,
                           const std::string& profile) {
  StsPlace place;
  const std::string region = S3Settings::from(environment, profiles, profile).region;
  if (!region.empty()) place.region = region;
  std::string endpoint = configured_endpoint(environment, profiles, profile, "STS", "sts");
  if (endpoint.empty()) endpoint = "https://sts." + place.region + aws_domain(place.region);
  TRY_ASSIGN(place.endpoint, Endpoint::parse(endpoint));
  return place;
}

std::unique_ptr<CredentialProvider> default_credentials(CredentialSetup setup) {
  std::vector<Source> sources;
  for (const Place& place : kPlaces) {
    if (setup.profile.empty() || place.with_named_profile == WithNamedProfile::asked)
      sources.push_back(place.make(setup));
  }
  CredentialObserver observer = std::move(setup.observer);
  return credential_chain(std::move(sources), std::move(observer));
}

}  // namespace mikura

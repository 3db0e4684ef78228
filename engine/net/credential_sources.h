// The sources of credentials, one function each; their files are <name>_credentials.cc.
//
// None does anything before its first get(). All are thread-safe. What the user may set is in
// docs/s3.md.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "net/credentials.h"
#include "net/sts.h"

namespace mikura {

// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_CREDENTIAL_EXPIRATION.
std::unique_ptr<CredentialProvider> environment_credentials(AwsEnvironment environment);

// Whatever way of getting keys the profile names. A profile that was named but does not exist is
// Code::not_found, the default profile that does not exist Code::no_credentials.
enum class ProfileNamed { by_the_user, by_default };
std::unique_ptr<CredentialProvider> profile_credentials(CredentialSetup setup, std::string profile,
                                                        ProfileNamed named);

// The profile's static keys. The files are read at the first get(), and again after discard().
std::unique_ptr<CredentialProvider> static_credentials(AwsConfigPaths paths, std::string profile);

// A program that prints a JSON document with keys (`credential_process`). No shell: the line is
// split into words as a shell would.
std::unique_ptr<CredentialProvider> process_credentials(std::string command_line,
                                                        std::string describe, Clock& clock);
// `aws configure export-credentials --profile PROFILE`: for what only the AWS CLI can do.
std::unique_ptr<CredentialProvider> cli_credentials(std::string profile, Clock& clock);

// A role, for which `base` vouches. Asks for an MFA code where the role wants one and the AWS CLI
// has not cached a session.
struct RoleSource {
  StsPlace place;
  RoleRequest role;
  std::string profile;
  std::string cli_cache;  // folder; empty: none
};
std::unique_ptr<CredentialProvider> role_credentials(RoleSource source,
                                                     std::unique_ptr<CredentialProvider> base,
                                                     const CredentialSetup& setup);

// A role, for which a token in a file vouches (Kubernetes, CI). The file is read anew each time.
std::unique_ptr<CredentialProvider> web_identity_credentials(StsPlace place, RoleRequest role,
                                                             std::string token_file,
                                                             const CredentialSetup& setup);
// The same, by AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN.
std::unique_ptr<CredentialProvider> environment_web_identity(const CredentialSetup& setup,
                                                             std::string profile);

// The role of an IAM Identity Center session that `aws sso login` began. `renewal`, if not null,
// is asked when its token has expired.
struct SsoSource {
  Endpoint portal;
  std::string session;     // the name of the sso-session, or the start URL
  std::string token_file;  // in ~/.aws/sso/cache
  std::string account_id;
  std::string role_name;
  std::string profile;
};
std::unique_ptr<CredentialProvider> sso_credentials(SsoSource source,
                                                    std::unique_ptr<CredentialProvider> renewal,
                                                    const CredentialSetup& setup);

// The service of ECS, EKS Pod Identity and the like, by AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or
// AWS_CONTAINER_CREDENTIALS_FULL_URI. `host` is where a relative one leads.
std::unique_ptr<CredentialProvider> container_credentials(
    const CredentialSetup& setup, std::string host = "http://169.254.170.2");

// The role of the EC2 instance, by its metadata service, version 2.
std::unique_ptr<CredentialProvider> ec2_credentials(const CredentialSetup& setup);

// What the files say of the service STS for a profile.
Result<StsPlace> sts_place(const AwsEnvironment& environment, const AwsProfiles& profiles,
                           const std::string& profile);

}  // namespace mikura

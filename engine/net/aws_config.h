// The files ~/.aws/config and ~/.aws/credentials, and the environment variables that go with them.
//
// The grammar is that of the AWS tools: [sections], `key = value`, comments on lines of their own
// or after white space and
// '#' or ';', and one level of nesting by indentation (`s3 =` followed by indented
// `addressing_style = path`, which is found as "s3.addressing_style").
//
// Thread-safety: plain move-only values; parsing is pure. Invariant: values may be secrets, so they
// live in wiping memory, and no message ever repeats the text of a line.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/secret_key.h"

namespace mikura {

// Looks a variable up; nullopt if it is not set. The seam to the process, so that tests own the
// environment.
using AwsEnvironment = std::function<std::optional<std::string>(const std::string& name)>;
AwsEnvironment process_environment();

// The variable's value; nullopt also if it is set to nothing, as the AWS tools take it.
std::optional<std::string> non_empty(const AwsEnvironment& environment, const std::string& name);

// One file.
class AwsConfigFile {
 public:
  // `name` is for messages. Code::invalid, with the line's number, for what is neither section,
  // property nor comment.
  static Result<AwsConfigFile> parse(std::string_view text, std::string_view name);

  std::vector<std::string> sections() const;  // ascending
  bool has_section(const std::string& section) const { return sections_.contains(section); }
  // The value of `key` (lower case; "outer.inner" for a nested one). Valid as long as this object.
  std::optional<std::string_view> find(const std::string& section, const std::string& key) const;

 private:
  using Section = std::map<std::string, SecretBytes>;
  std::map<std::string, Section> sections_;
};

struct AwsConfigPaths {
  std::string config;       // AWS_CONFIG_FILE, else ~/.aws/config
  std::string credentials;  // AWS_SHARED_CREDENTIALS_FILE, else ~/.aws/credentials

  static AwsConfigPaths from(const AwsEnvironment& environment);
};

// Both files, seen as profiles.
class AwsProfiles {
 public:
  // A file that does not exist is as an empty one. Other errors of reading or parsing are returned.
  static Result<AwsProfiles> load(const AwsConfigPaths& paths);

  bool has(const std::string& profile) const;
  // Of all profiles in either file, ascending.
  std::vector<std::string> names() const;
  // The credentials file's value comes before the config file's.
  std::optional<std::string_view> find(const std::string& profile, const std::string& key) const;
  // The value of `key` in [sso-session `session`].
  std::optional<std::string_view> find_in_sso_session(const std::string& session,
                                                      const std::string& key) const {
    return config_.find("sso-session " + session, key);
  }
  // The value of `key` for a service in the [services ...] section that the profile names.
  std::optional<std::string_view> find_for_service(const std::string& profile,
                                                   const std::string& service,
                                                   const std::string& key) const;

 private:
  AwsConfigFile config_;
  AwsConfigFile credentials_;
};

// The profile to use: `explicit_profile` if not empty, else AWS_PROFILE, AWS_DEFAULT_PROFILE,
// "default".
std::string profile_name(const AwsEnvironment& environment, const std::string& explicit_profile);

// What the environment and a profile say about reaching S3. Empty or unset: they say nothing.
struct S3Settings {
  std::string region;
  std::string endpoint;
  std::optional<bool> path_style;
  std::string ca_bundle;

  static S3Settings from(const AwsEnvironment& environment, const AwsProfiles& profiles,
                         const std::string& profile);
};

// ".amazonaws.com", or what stands for it where the region is.
std::string aws_domain(const std::string& region);

// The endpoint that the environment and the profile name for a service:
// AWS_ENDPOINT_URL_<variable>, AWS_ENDPOINT_URL, the profile's [services] section by `section`, its
// endpoint_url. Empty: none.
std::string configured_endpoint(const AwsEnvironment& environment, const AwsProfiles& profiles,
                                const std::string& profile, const std::string& variable,
                                const std::string& section);

}  // namespace mikura

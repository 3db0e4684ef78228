#include "session/aws_profiles.h"

#include "net/aws_config.h"

namespace mikura {

Result<std::vector<std::string>> list_aws_profiles() {
  TRY_ASSIGN(const AwsProfiles profiles,
             AwsProfiles::load(AwsConfigPaths::from(process_environment())));
  return profiles.names();
}

}  // namespace mikura

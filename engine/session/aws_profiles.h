// The AWS profiles of this machine, for a front end that lets a person choose one. Thread-safe.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace mikura {

// Names only, ascending, without doubles, from the files that the AWS tools use. No file: no names.
Result<std::vector<std::string>> list_aws_profiles();

}  // namespace mikura

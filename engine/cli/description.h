// What the command understands, as plain data: for completion scripts, suggestions and tests.
#pragma once

#include <string>
#include <vector>

namespace mikura {

struct OptionDescription {
  std::vector<std::string> names;  // "-m", "--message"
  bool takes_value = false;
  std::string text;
};

struct VerbDescription {
  std::string name;
  std::string text;
  std::vector<OptionDescription> options;
  std::vector<VerbDescription> verbs;  // in the order of --help
};

}  // namespace mikura

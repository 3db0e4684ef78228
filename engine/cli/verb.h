// Verb: one verb of the command while it is being described to the parser.
//
// Every `text` is an id of the catalogue (cli/messages.h). The values must outlive the parser.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/exit_codes.h"

namespace CLI {
class App;
}

namespace mikura {

// What a verb does when it is chosen.
using VerbAction = std::function<Result<Exit>()>;
using Words = std::vector<std::string>;

class Verb {
 public:
  explicit Verb(CLI::App& app) : app_(app) {}

  Verb& required_argument(const char* name, std::string& value, std::string_view text);
  Verb& argument(const char* name, std::string& value, std::string_view text);
  Verb& arguments(const char* name, Words& values, std::string_view text);
  // One of a few words, required.
  Verb& choice_argument(const char* name, std::string& value, std::string_view text, Words choices);

  Verb& flag(const char* names, bool& value, std::string_view text);
  // `shown` stands for the value in --help.
  Verb& option(const char* names, std::string& value, std::string_view text, const char* shown);
  // A number, at least 1.
  Verb& number(const char* names, std::uint64_t& value, std::string_view text);
  Verb& choice(const char* names, std::string& value, std::string_view text, const char* shown,
               Words choices);

 private:
  CLI::App& app_;
};

}  // namespace mikura

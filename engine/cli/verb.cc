#include "cli/verb.h"

#include <CLI/CLI.hpp>

#include "cli/messages.h"

namespace mikura {
namespace {

// Without it the help would name the type of every argument.
constexpr const char* kNoTypeName = " ";

}  // namespace

Verb& Verb::required_argument(const char* name, std::string& value, std::string_view text) {
  app_.add_option(name, value, tr(text))->required()->option_text(kNoTypeName);
  return *this;
}

Verb& Verb::argument(const char* name, std::string& value, std::string_view text) {
  app_.add_option(name, value, tr(text))->option_text(kNoTypeName);
  return *this;
}

Verb& Verb::arguments(const char* name, Words& values, std::string_view text) {
  app_.add_option(name, values, tr(text))->option_text(kNoTypeName);
  return *this;
}

Verb& Verb::choice_argument(const char* name, std::string& value, std::string_view text,
                            Words choices) {
  app_.add_option(name, value, tr(text))
      ->required()
      ->option_text(kNoTypeName)
      ->check(CLI::IsMember(std::move(choices)));
  return *this;
}

Verb& Verb::flag(const char* names, bool& value, std::string_view text) {
  app_.add_flag(names, value, tr(text));
  return *this;
}

Verb& Verb::option(const char* names, std::string& value, std::string_view text,
                   const char* shown) {
  app_.add_option(names, value, tr(text))->option_text(shown);
  return *this;
}

Verb& Verb::number(const char* names, std::uint64_t& value, std::string_view text) {
  app_.add_option(names, value, tr(text))->option_text("N")->check(CLI::PositiveNumber);
  return *this;
}

Verb& Verb::choice(const char* names, std::string& value, std::string_view text, const char* shown,
                   Words choices) {
  app_.add_option(names, value, tr(text))
      ->option_text(shown)
      ->check(CLI::IsMember(std::move(choices)));
  return *this;
}

}  // namespace mikura

// Parser: the verbs and options of the command, and what a command line means by them. With verb.h
// the one place that knows the parser's library.
//
// The values that options are parsed into must outlive the parser. One thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/description.h"
#include "cli/options.h"
#include "cli/verb.h"

namespace mikura {

// What a command line asks for.
struct Parsed {
  enum class Kind { run, print, usage_error };
  Kind kind = Kind::usage_error;
  VerbAction action{};  // run
  std::string text{};   // print: for --help or --version; usage_error: what is wrong
  std::string hint{};   // usage_error
};

class Parser {
 public:
  explicit Parser(GlobalOptions& global);
  ~Parser();
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  // A verb that --help describes by "verb.NAME" and "examples.NAME" under the heading `group`. "key
  // generate" is a verb of the verb "key" and has the ids "verb.key_generate" and so on.
  Verb add(std::string_view name, std::string_view group, VerbAction action);

  Parsed parse(const std::vector<std::string>& words);

  VerbDescription describe() const;

 private:
  CLI::App& add_app(CLI::App& parent, const std::string& name, const std::string& id,
                    std::string_view group);

  std::unique_ptr<CLI::App> app_;
  VerbAction chosen_;
};

}  // namespace mikura

// Ignore rules with git's exact semantics (gitignore(5)): .mikuraignore and, unless switched off,
// .gitignore.
//
// In each folder both files are read, .gitignore first, so .mikuraignore has the last word; rules
// of deeper folders win over higher ones; within a file the last matching rule wins; what lies
// beneath an ignored folder cannot be re-included. Case-sensitive. Where versions of git differ
// ("/a**/b": 2.52), the newest counts. Pure: the scanner feeds it bytes.
// Thread-safety: immutable values; an IgnoreScope may be shared by threads.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mikura {

// The rules of one ignore file.
class IgnoreRules {
 public:
  // Any bytes; a UTF-8 BOM is skipped. Lines longer than 64 KiB, and rules beyond 100,000, are left
  // out, never an error.
  static IgnoreRules parse(std::string_view file_content);

  enum class Verdict { none, ignored, included };
  // `path` is relative to the folder of the file, without leading or trailing '/'.
  Verdict match(std::string_view path, bool is_directory) const;
  bool empty() const { return rules_.empty(); }

 private:
  // How a rule is compared: with the name or with the whole relative path, and the cheapest way
  // that does.
  enum class Form : std::uint8_t { name, name_suffix, name_pattern, path, path_pattern };

  struct Rule {
    std::string pattern;
    std::size_t literal_bytes = 0;  // at the front of `pattern`: without special characters
    Form form = Form::name;
    bool negated = false;
    bool directory_only = false;

    bool matches(std::string_view path, std::string_view name) const;
  };

  // False for a line that is no rule.
  static bool parse_line(std::string_view line, Rule& rule);

  std::vector<Rule> rules_;
};

// The rules in force in one folder: those of its ignore files and of all its ancestors.
class IgnoreScope {
 public:
  IgnoreScope() = default;  // the root, no rules
  // The scope of `folder` (index path) inside this one. Rules in order of reading; shares its
  // parents.
  IgnoreScope enter(std::string_view folder, std::vector<IgnoreRules> rules) const;

  // Whether the node at `path` (index path) is ignored by a rule. The caller has already pruned
  // ignored ancestors.
  bool is_ignored(std::string_view path, bool is_directory) const;

 private:
  struct Level;
  std::shared_ptr<const Level> innermost_;
};

}  // namespace mikura

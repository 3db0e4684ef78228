// Ignore rules with git's exact semantics (gitignore(5), wildmatch): .mikuraignore and, unless switched off, .gitignore.
//
// In each folder both files are read, .gitignore first, so .mikuraignore has the last word; rules of deeper folders win over higher ones; within a
// file the last matching rule wins; a file beneath an ignored folder cannot be re-included. Case-sensitive. Pure but for nothing: the scanner feeds it bytes.
// Thread-safety: an IgnoreRules value is immutable once built; IgnoreStack is for one thread or copied.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mikura {

// git's wildmatch with WM_PATHNAME: '*' and '?' do not match '/', "**" does between slashes; [a-z], [!a], [[:alpha:]], backslash.
bool wildmatch_path(std::string_view pattern, std::string_view text);

// The rules of one ignore file.
class IgnoreRules {
 public:
  // Any bytes; a UTF-8 BOM is skipped. Lines longer than 64 KiB and more than 100,000 rules are cut off, never an error.
  static IgnoreRules parse(std::string_view file_content);

  enum class Verdict { none, ignored, included };
  // `path` is relative to the folder of the file, without leading or trailing '/'.
  Verdict match(std::string_view path, bool is_directory) const;
  bool empty() const { return rules_.empty(); }

 private:
  struct Rule {
    std::string pattern;
    bool negated = false;
    bool directory_only = false;
    bool anchored = false;   // contains a slash: matched against the whole relative path
    bool literal = false;    // no wildcard: compared, not matched
  };
  std::vector<Rule> rules_;
};

// The rules in force in one folder: those of its ignore files and of all its ancestors.
class IgnoreScope {
 public:
  IgnoreScope() = default;  // the root, no rules
  // The scope of `folder` (index path) inside this one. Rules in order of reading; shares its parents.
  IgnoreScope enter(std::string_view folder, std::vector<IgnoreRules> rules) const;

  // Whether the node at `path` (index path) is ignored by a rule. The caller has already pruned ignored ancestors.
  bool is_ignored(std::string_view path, bool is_directory) const;

 private:
  struct Level;
  std::shared_ptr<const Level> innermost_;
};

}  // namespace mikura

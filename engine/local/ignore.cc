#include "local/ignore.h"

#include "format/path.h"
#include "local/wildmatch.h"

namespace mikura {
namespace {

constexpr std::size_t kMaxLineBytes = 64 * 1024;
constexpr std::size_t kMaxRules = 100'000;

bool is_literal(std::string_view pattern) {
  return literal_prefix(pattern).size() == pattern.size();
}

// Spaces at the end do not count unless a backslash quotes them.
std::string_view trim_spaces(std::string_view line) {
  std::size_t end = 0;  // behind the last character that counts
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == ' ') continue;
    if (line[i] == '\\') ++i;
    end = i + 1;
  }
  return line.substr(0, end);
}

// The next line, without its end: LF or CR LF. Like git, what follows a NUL is not seen.
std::string_view take_line(std::string_view& content) {
  const std::size_t end = content.find('\n');
  std::string_view line = content.substr(0, end);
  content = end == std::string_view::npos ? std::string_view() : content.substr(end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line.substr(0, line.find('\0'));
}

}  // namespace

bool IgnoreRules::parse_line(std::string_view line, Rule& rule) {
  if (line.starts_with('#') || line.size() > kMaxLineBytes) return false;
  line = trim_spaces(line);
  if (line.starts_with('!')) {
    rule.negated = true;
    line.remove_prefix(1);
  }
  if (line.ends_with('/')) {
    rule.directory_only = true;
    line.remove_suffix(1);
  }
  const bool is_anchored = line.find('/') != std::string_view::npos;
  if (line.starts_with('/')) line.remove_prefix(1);
  if (line.empty()) return false;
  rule.pattern = line;
  rule.literal_bytes = literal_prefix(line).size();
  if (is_anchored) {
    rule.form = is_literal(line) ? Form::path : Form::path_pattern;
  } else if (is_literal(line)) {
    rule.form = Form::name;
  } else {
    const bool is_suffix = line.starts_with('*') && is_literal(line.substr(1));
    rule.form = is_suffix ? Form::name_suffix : Form::name_pattern;
  }
  return true;
}

IgnoreRules IgnoreRules::parse(std::string_view content) {
  IgnoreRules rules;
  if (content.starts_with("\xEF\xBB\xBF")) content.remove_prefix(3);
  while (!content.empty() && rules.rules_.size() < kMaxRules) {
    Rule rule;
    if (parse_line(take_line(content), rule)) rules.rules_.push_back(std::move(rule));
  }
  return rules;
}

bool IgnoreRules::Rule::matches(std::string_view path, std::string_view name) const {
  const std::string_view literal = std::string_view(pattern).substr(0, literal_bytes);
  switch (form) {
    case Form::name:
      return name == pattern;
    case Form::name_suffix:
      return name.ends_with(std::string_view(pattern).substr(1));
    case Form::name_pattern:
      return name.starts_with(literal) && wildmatch_path(pattern, name);
    case Form::path:
      return path == pattern;
    case Form::path_pattern:
      return path.starts_with(literal) && wildmatch_path(pattern, path);
  }
  return false;
}

IgnoreRules::Verdict IgnoreRules::match(std::string_view path, bool is_directory) const {
  const std::string_view name = file_name(path);
  for (auto rule = rules_.rbegin(); rule != rules_.rend(); ++rule) {
    if (rule->directory_only && !is_directory) continue;
    if (rule->matches(path, name)) return rule->negated ? Verdict::included : Verdict::ignored;
  }
  return Verdict::none;
}

struct IgnoreScope::Level {
  std::shared_ptr<const Level> outer;
  std::string folder;
  std::vector<IgnoreRules> rules;
};

IgnoreScope IgnoreScope::enter(std::string_view folder, std::vector<IgnoreRules> rules) const {
  IgnoreScope inner;
  inner.innermost_ =
      std::make_shared<const Level>(Level{innermost_, std::string(folder), std::move(rules)});
  return inner;
}

bool IgnoreScope::is_ignored(std::string_view path, bool is_directory) const {
  for (const Level* level = innermost_.get(); level != nullptr; level = level->outer.get()) {
    const std::string_view relative =
        level->folder.empty() ? path : path.substr(level->folder.size() + 1);
    for (auto rules = level->rules.rbegin(); rules != level->rules.rend(); ++rules) {
      const IgnoreRules::Verdict verdict = rules->match(relative, is_directory);
      if (verdict != IgnoreRules::Verdict::none) return verdict == IgnoreRules::Verdict::ignored;
    }
  }
  return false;
}

}  // namespace mikura

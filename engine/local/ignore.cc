#include "local/ignore.h"

#include <algorithm>
#include <optional>


namespace mikura {
namespace {

constexpr std::size_t kMaxLineBytes = 64 * 1024;
constexpr std::size_t kMaxRules = 100'000;
constexpr std::string_view kSpecial = "*?[\\";

bool between(unsigned char c, char low, char high) { return c >= static_cast<unsigned char>(low) && c <= static_cast<unsigned char>(high); }

// POSIX classes in the C locale. nullopt for an unknown name.
std::optional<bool> in_class(std::string_view name, unsigned char c) {
  const bool upper = between(c, 'A', 'Z');
  const bool lower = between(c, 'a', 'z');
  const bool digit = between(c, '0', '9');
  const bool graph = between(c, '!', '~');
  if (name == "alnum") return upper || lower || digit;
  if (name == "alpha") return upper || lower;
  if (name == "blank") return c == ' ' || c == '\t';
  if (name == "cntrl") return c < 0x20 || c == 0x7f;
  if (name == "digit") return digit;
  if (name == "graph") return graph;
  if (name == "lower") return lower;
  if (name == "print") return graph || c == ' ';
  if (name == "punct") return graph && !(upper || lower || digit);
  if (name == "space") return c == ' ' || between(c, '\t', '\r');
  if (name == "upper") return upper;
  if (name == "xdigit") return digit || between(c, 'A', 'F') || between(c, 'a', 'f');
  return std::nullopt;
}

// The bracket expression that starts after the '[' at `p`. Sets `p` behind its ']'. nullopt if it is malformed: then nothing matches.
class BracketParser {
 public:
  BracketParser(std::string_view pattern, std::size_t p, unsigned char c) : pattern_(pattern), p_(p), c_(c) {}

  // The position behind the bracket if `c` is in it.
  std::optional<std::size_t> match() {
    const bool negated = at() == '!' || at() == '^';
    if (negated) ++p_;
    int previous = 0;  // 0: no start of a range
    // The first character is taken literally, even ']'.
    do {
      if (p_ >= pattern_.size() || !element(previous)) return std::nullopt;
    } while (at() != ']');
    // A bracket never matches a slash.
    if (matched_ == negated || c_ == '/') return std::nullopt;
    return p_ + 1;
  }

 private:
  int at(std::size_t ahead = 0) const { return p_ + ahead < pattern_.size() ? static_cast<unsigned char>(pattern_[p_ + ahead]) : 0; }

  // One character, range or class. False if malformed.
  bool element(int& previous) {
    if (at() == '-' && previous != 0 && at(1) != 0 && at(1) != ']') return range(previous);
    if (at() == '[' && at(1) == ':') {
      const std::optional<bool> done = named_class(previous);
      if (done) return *done;
    }
    if (at() == '\\' && ++p_ >= pattern_.size()) return false;
    previous = at();
    if (c_ == previous) matched_ = true;
    ++p_;
    return p_ < pattern_.size();
  }

  bool range(int& previous) {
    ++p_;
    if (at() == '\\' && ++p_ >= pattern_.size()) return false;
    if (c_ >= previous && c_ <= at()) matched_ = true;
    previous = 0;
    ++p_;
    return p_ < pattern_.size();
  }

  // nullopt if it is no class after all but an ordinary '['.
  std::optional<bool> named_class(int& previous) {
    const std::size_t start = p_ + 2;
    const std::size_t end = pattern_.find(']', start);
    if (end == std::string_view::npos) return false;
    if (end == start || pattern_[end - 1] != ':') return std::nullopt;
    const auto member = in_class(pattern_.substr(start, end - 1 - start), c_);
    if (!member) return false;
    if (*member) matched_ = true;
    previous = 0;
    p_ = end + 1;
    return p_ < pattern_.size();
  }

  const std::string_view pattern_;
  std::size_t p_;
  const unsigned char c_;
  bool matched_ = false;
};

// Matches one character of text against the element at `p` (not a star): the position of the next element, or nullopt.
std::optional<std::size_t> match_one(std::string_view pattern, std::size_t p, char c) {
  switch (pattern[p]) {
    case '?': return c == '/' ? std::nullopt : std::optional(p + 1);
    case '[': return BracketParser(pattern, p + 1, static_cast<unsigned char>(c)).match();
    case '\\':
      if (p + 1 >= pattern.size() || pattern[p + 1] != c) return std::nullopt;
      return p + 2;
    default: return pattern[p] == c ? std::optional(p + 1) : std::nullopt;
  }
}

bool has_wildcard(std::string_view pattern) { return pattern.find_first_of(kSpecial) != std::string_view::npos; }

// Spaces at the end do not count unless a backslash quotes them.
std::string_view trim_spaces(std::string_view line) {
  std::size_t end = line.size();
  std::size_t run = std::string_view::npos;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == ' ') {
      if (run == std::string_view::npos) run = i;
      continue;
    }
    if (line[i] == '\\' && ++i == line.size()) return line;
    run = std::string_view::npos;
  }
  if (run != std::string_view::npos) end = run;
  return line.substr(0, end);
}

}  // namespace

// Two places to come back to are enough: the last "*" (which ends at a slash) and the last "**". Whatever an earlier star could still
// take, the later one can take too, so the time is bounded by pattern times text squared at worst, never exponential.
bool wildmatch_path(std::string_view pattern, std::string_view text) {
  constexpr std::size_t kNone = std::string_view::npos;
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = kNone;
  std::size_t star_text = 0;
  std::size_t deep = kNone;
  std::size_t deep_text = 0;
  bool deep_by_folder = false;  // "**/": stands for whole folders
  for (;;) {
    if (p < pattern.size() && pattern[p] == '*') {
      const std::size_t after = std::min(pattern.find_first_not_of('*', p), pattern.size());
      const bool starts = p == 0 || pattern[p - 1] == '/';
      const bool slash = after < pattern.size() && pattern[after] == '/';
      const bool quoted_slash = pattern.substr(after).starts_with("\\/");
      if (after - p >= 2 && starts && (after == pattern.size() || slash || quoted_slash)) {
        if (after == pattern.size()) return true;
        deep_by_folder = slash;
        deep = slash ? after + 1 : after;
        deep_text = t;
        star = kNone;
        p = deep;
      } else {
        star = after;
        star_text = t;
        p = after;
      }
      continue;
    }
    if (p == pattern.size() && t == text.size()) return true;
    if (p < pattern.size() && t < text.size()) {
      if (const auto next = match_one(pattern, p, text[t])) {
        p = *next;
        ++t;
        continue;
      }
    }
    if (star != kNone && star_text < text.size() && text[star_text] != '/') {
      p = star;
      t = ++star_text;
      continue;
    }
    star = kNone;
    if (deep == kNone || deep_text >= text.size()) return false;
    const std::size_t next = deep_by_folder ? text.find('/', deep_text) : deep_text;
    if (next == kNone) return false;
    p = deep;
    t = deep_text = next + 1;
  }
}

IgnoreRules IgnoreRules::parse(std::string_view content) {
  IgnoreRules rules;
  if (content.starts_with("\xEF\xBB\xBF")) content.remove_prefix(3);
  while (!content.empty() && rules.rules_.size() < kMaxRules) {
    const std::size_t end = content.find('\n');
    std::string_view line = content.substr(0, end);
    content = end == std::string_view::npos ? std::string_view() : content.substr(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.front() == '#' || line.size() > kMaxLineBytes) continue;
    line = trim_spaces(line);
    Rule rule;
    if (line.starts_with('!')) {
      rule.negated = true;
      line.remove_prefix(1);
    }
    if (line.ends_with('/')) {
      rule.directory_only = true;
      line.remove_suffix(1);
    }
    rule.anchored = line.find('/') != std::string_view::npos;
    if (line.starts_with('/')) line.remove_prefix(1);
    if (line.empty()) continue;
    rule.pattern = line;
    rule.literal = !has_wildcard(line);
    rules.rules_.push_back(std::move(rule));
  }
  return rules;
}

IgnoreRules::Verdict IgnoreRules::match(std::string_view path, bool is_directory) const {
  const std::size_t slash = path.rfind('/');
  const std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  for (auto rule = rules_.rbegin(); rule != rules_.rend(); ++rule) {
    if (rule->directory_only && !is_directory) continue;
    const std::string_view pattern = rule->pattern;
    std::string_view subject = rule->anchored ? path : name;
    bool matches = false;
    if (rule->literal) {
      matches = subject == pattern;
    } else if (!rule->anchored && pattern.front() == '*' && !has_wildcard(pattern.substr(1))) {
      matches = subject.ends_with(pattern.substr(1));
    } else if (rule->anchored) {
      // As git does: what precedes the first wildcard is compared, the rest is matched as a pattern of its own. (So in "a/b**" the stars
      // stand at the start of a pattern.)
      const std::size_t fixed = pattern.find_first_of(kSpecial);
      matches = subject.starts_with(pattern.substr(0, fixed)) && wildmatch_path(pattern.substr(fixed), subject.substr(fixed));
    } else {
      matches = wildmatch_path(pattern, subject);
    }
    if (matches) return rule->negated ? Verdict::included : Verdict::ignored;
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
  inner.innermost_ = std::make_shared<const Level>(Level{innermost_, std::string(folder), std::move(rules)});
  return inner;
}

bool IgnoreScope::is_ignored(std::string_view path, bool is_directory) const {
  for (const Level* level = innermost_.get(); level != nullptr; level = level->outer.get()) {
    const std::string_view relative = level->folder.empty() ? path : path.substr(level->folder.size() + 1);
    for (auto rules = level->rules.rbegin(); rules != level->rules.rend(); ++rules) {
      const IgnoreRules::Verdict verdict = rules->match(relative, is_directory);
      if (verdict != IgnoreRules::Verdict::none) return verdict == IgnoreRules::Verdict::ignored;
    }
  }
  return false;
}

}  // namespace mikura

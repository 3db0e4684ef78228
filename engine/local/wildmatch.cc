#include "local/wildmatch.h"

#include <algorithm>
#include <optional>

namespace mikura {
namespace {

bool between(unsigned char c, char low, char high) {
  return c >= static_cast<unsigned char>(low) && c <= static_cast<unsigned char>(high);
}

// The classes as git has them: ASCII only, and no vertical tab or form feed among the spaces.
// nullopt for an unknown name.
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
  if (name == "space") return c == ' ' || c == '\t' || c == '\n' || c == '\r';
  if (name == "upper") return upper;
  if (name == "xdigit") return digit || between(c, 'A', 'F') || between(c, 'a', 'f');
  return std::nullopt;
}

// A bracket expression against one character. Malformed ones match nothing.
class Bracket {
 public:
  // `at` is behind the '['.
  Bracket(std::string_view pattern, std::size_t at, char c)
      : pattern_(pattern), at_(at), c_(static_cast<unsigned char>(c)) {}

  // The position behind the ']' if the character is in the set.
  std::optional<std::size_t> match() {
    const bool negated = peek() == '!' || peek() == '^';
    if (negated) ++at_;
    // The first character is taken literally, even ']'.
    do {
      if (!take_element()) return std::nullopt;
    } while (peek() != ']');
    if (matched_ == negated || c_ == '/') return std::nullopt;
    return at_ + 1;
  }

 private:
  static constexpr int kEnd = -1;
  static constexpr int kNoStart = -1;  // what precedes cannot start a range

  int peek(std::size_t ahead = 0) const {
    return at_ + ahead < pattern_.size() ? static_cast<unsigned char>(pattern_[at_ + ahead]) : kEnd;
  }

  // One character, range or class. False if the pattern ends or names an unknown class.
  bool take_element() {
    if (peek() == '-' && previous_ != kNoStart && peek(1) != kEnd && peek(1) != ']') {
      return take_range();
    }
    if (peek() == '[' && peek(1) == ':') {
      const std::size_t start = at_ + 2;
      const std::size_t end = pattern_.find(']', start);
      if (end == std::string_view::npos) return false;
      // Without ":]" it is no class but a '[' and what follows.
      if (end > start && pattern_[end - 1] == ':') return take_class(start, end - 1);
    }
    if (peek() == '\\') ++at_;
    if (peek() == kEnd) return false;
    previous_ = peek();
    matched_ = matched_ || c_ == previous_;
    ++at_;
    return true;
  }

  bool take_range() {
    ++at_;
    if (peek() == '\\') ++at_;
    if (peek() == kEnd) return false;
    matched_ = matched_ || (c_ >= previous_ && c_ <= peek());
    previous_ = kNoStart;
    ++at_;
    return true;
  }

  bool take_class(std::size_t name, std::size_t name_end) {
    const auto member = in_class(pattern_.substr(name, name_end - name), c_);
    if (!member) return false;
    matched_ = matched_ || *member;
    previous_ = kNoStart;
    at_ = name_end + 2;
    return true;
  }

  const std::string_view pattern_;
  std::size_t at_;
  const int c_;
  int previous_ = kNoStart;
  bool matched_ = false;
};

// One character of text against the element at `at`, which is no star: the position of the next
// element, or nullopt.
std::optional<std::size_t> match_one(std::string_view pattern, std::size_t at, char c) {
  switch (pattern[at]) {
    case '?':
      return c == '/' ? std::nullopt : std::optional(at + 1);
    case '[':
      return Bracket(pattern, at + 1, c).match();
    case '\\':
      if (at + 1 >= pattern.size() || pattern[at + 1] != c) return std::nullopt;
      return at + 2;
    default:
      return pattern[at] == c ? std::optional(at + 1) : std::nullopt;
  }
}

// Two places to come back to are enough: the last "*" and the last "**". Whatever an earlier star
// could still take, the later one of its kind can take as well; and between two "*" with a slash
// between them there is no choice.
class Matcher {
 public:
  Matcher(std::string_view pattern, std::string_view text) : pattern_(pattern), text_(text) {}

  std::uint64_t steps() const { return steps_; }

  bool run() {
    for (;;) {
      ++steps_;
      if (p_ < pattern_.size() && pattern_[p_] == '*') {
        if (take_stars()) return true;
        continue;
      }
      if (p_ == pattern_.size() && t_ == text_.size()) return true;
      if (p_ < pattern_.size() && t_ < text_.size()) {
        if (const auto next = match_one(pattern_, p_, text_[t_])) {
          p_ = *next;
          ++t_;
          continue;
        }
      }
      if (!lengthen_star() && !lengthen_deep()) return false;
    }
  }

 private:
  static constexpr std::size_t kNone = std::string_view::npos;

  // True if they end the pattern and take everything.
  bool take_stars() {
    const std::size_t after = std::min(pattern_.find_first_not_of('*', p_), pattern_.size());
    const std::string_view rest = pattern_.substr(after);
    const bool at_start = p_ == 0 || pattern_[p_ - 1] == '/';
    const bool by_folder = rest.starts_with('/');
    if (after - p_ < 2 || !at_start || !(rest.empty() || by_folder || rest.starts_with("\\/"))) {
      star_ = p_ = after;
      star_text_ = t_;
      return false;
    }
    if (rest.empty()) return true;
    deep_ = p_ = by_folder ? after + 1 : after;
    deep_text_ = t_;
    deep_by_folder_ = by_folder;
    star_ = kNone;
    return false;
  }

  bool lengthen_star() {
    if (star_ == kNone || star_text_ == text_.size() || text_[star_text_] == '/') return false;
    p_ = star_;
    t_ = ++star_text_;
    return true;
  }

  // Only when the star, if any, has taken all it can: so it stays behind us.
  bool lengthen_deep() {
    if (deep_ == kNone || deep_text_ == text_.size()) return false;
    // "**/" stands for whole folders; only a quoted slash behind "**" has to be matched itself.
    const std::size_t last = deep_by_folder_ ? text_.find('/', deep_text_) : deep_text_;
    if (last == kNone) return false;
    p_ = deep_;
    t_ = deep_text_ = last + 1;
    return true;
  }

  const std::string_view pattern_;
  const std::string_view text_;
  std::size_t p_ = 0;
  std::size_t t_ = 0;
  // Where to continue in the pattern behind the star, and in the text behind what it has taken so
  // far.
  std::size_t star_ = kNone;
  std::size_t star_text_ = 0;
  std::size_t deep_ = kNone;
  std::size_t deep_text_ = 0;
  bool deep_by_folder_ = false;
  std::uint64_t steps_ = 0;
};

}  // namespace

bool wildmatch_path(std::string_view pattern, std::string_view text) {
  return Matcher(pattern, text).run();
}

bool wildmatch_path_counting(std::string_view pattern, std::string_view text,
                             std::uint64_t& steps) {
  Matcher matcher(pattern, text);
  const bool matches = matcher.run();
  steps += matcher.steps();
  return matches;
}

std::string_view literal_prefix(std::string_view pattern) {
  return pattern.substr(0, pattern.find_first_of("*?[\\"));
}

}  // namespace mikura

#include "cli/suggestion.h"

#include <algorithm>

namespace mikura {
namespace {

constexpr std::size_t kMaxDistance = 2;

// True if the option `word` takes the next word as its value.
bool takes_next_word(const VerbDescription& command, const std::string& word) {
  return std::any_of(command.options.begin(), command.options.end(), [&](const auto& option) {
    return option.takes_value &&
           std::find(option.names.begin(), option.names.end(), word) != option.names.end();
  });
}

std::string nearest_verb(const VerbDescription& command, std::string_view word) {
  std::string nearest;
  std::size_t least = kMaxDistance + 1;
  for (const VerbDescription& verb : command.verbs) {
    const std::size_t distance = edit_distance(word, verb.name);
    // A short word is near to everything.
    if (distance < least && 2 * distance < verb.name.size()) {
      least = distance;
      nearest = verb.name;
    }
  }
  return nearest;
}

}  // namespace

FoundVerb find_verb(const VerbDescription& command, const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--") return {};
    if (words[i].starts_with('-')) {
      if (takes_next_word(command, words[i])) ++i;
      continue;
    }
    FoundVerb found{words[i], false, {}};
    found.is_verb = std::any_of(command.verbs.begin(), command.verbs.end(),
                                [&](const auto& verb) { return verb.name == words[i]; });
    if (!found.is_verb) found.nearest = nearest_verb(command, words[i]);
    return found;
  }
  return {};
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> rows(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i)
    rows[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j)
    rows[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      rows[i][j] = std::min({rows[i - 1][j] + 1, rows[i][j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        rows[i][j] = std::min(rows[i][j], rows[i - 2][j - 2] + 1);
      }
    }
  }
  return rows[a.size()][b.size()];
}

}  // namespace mikura

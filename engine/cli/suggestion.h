// Which verb the words of a command line name, and which one was meant if there is none. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/description.h"

namespace mikura {

struct FoundVerb {
  std::string word;      // the first word that is no option; empty if there is none
  bool is_verb = false;  // there is a verb of that name
  std::string nearest;   // if not: the verb that looks most like it; empty if none does
};
FoundVerb find_verb(const VerbDescription& command, const std::vector<std::string>& words);

// The distance of two words in edits (Levenshtein; two neighbours that change places count as one).
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace mikura

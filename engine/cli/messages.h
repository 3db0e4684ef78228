// The sentences of the command line, in English and Japanese. --json is never localised.
//
// Messages are fmt format strings with numbered arguments ({0}, {1}), so that languages may order them differently. A test compares
// the languages. Thread-safe after set_language.
#pragma once

#include <fmt/format.h>

#include <span>
#include <string>
#include <string_view>

namespace mikura {

enum class Language { english, japanese };

// From LC_ALL, LC_MESSAGES, LANG, in that order.
Language language_from(std::string_view lc_all, std::string_view lc_messages, std::string_view lang);
void set_language(Language language);
Language current_language();

struct Message {
  std::string_view id;
  std::string_view english;
  std::string_view japanese;
};
std::span<const Message> all_messages();

// The format string of a message; aborts on an unknown id (our own bug).
std::string_view message(std::string_view id);

template <class... Args>
std::string tr(std::string_view id, const Args&... args) {
  return fmt::format(fmt::runtime(message(id)), args...);
}

}  // namespace mikura

// The sentences of the command line, in English and Japanese. --json is never localised, nor is
// what the engine says in an error (it names the store's and the system's own words).
//
// Messages are fmt format strings with numbered arguments ({0}, {1}), so that languages may order
// them differently. A test compares the languages, and the places that use a message with what it
// takes. Thread-safe after set_language.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace mikura {

enum class Language { english, japanese };

// From LC_ALL, LC_MESSAGES, LANG, the first that is not empty. Japanese only where the terminal
// takes UTF-8.
Language language_from(std::string_view lc_all, std::string_view lc_messages,
                       std::string_view lang);
void set_language(Language language);
Language current_language();

struct Message {
  std::string_view id;
  std::string_view english;
  std::string_view japanese;
};
// What verbs say while they run, and what --help says.
std::span<const Message> run_messages();
std::span<const Message> help_messages();

// The format string of a message; aborts on an unknown id (our own bug).
std::string_view message(std::string_view id);

template <class... Args>
std::string tr(std::string_view id, const Args&... args) {
  return fmt::format(fmt::runtime(message(id)), args...);
}

// A message that counts: `id` with ".one" or ".many"; the number is its first argument.
template <class... Args>
std::string tr_count(std::string_view id, std::uint64_t count, const Args&... args) {
  return tr(std::string(id) + (count == 1 ? ".one" : ".many"), count, args...);
}

}  // namespace mikura

#include "cli/messages.h"

#include <algorithm>
#include <atomic>
#include <unordered_map>

#include "base/check.h"

namespace mikura {
namespace {

std::atomic<Language> language = Language::english;

using Catalogue = std::unordered_map<std::string_view, const Message*>;

const Catalogue& catalogue() {
  static const Catalogue all = [] {
    Catalogue map;
    for (const std::span<const Message> part : {run_messages(), help_messages()}) {
      for (const Message& message : part)
        CHECK(map.emplace(message.id, &message).second);
    }
    return map;
  }();
  return all;
}

// The locale's character set, if it names one, is UTF-8: "ja_JP.UTF-8", "ja_JP.utf8", "ja".
bool is_utf8(std::string_view locale) {
  const std::size_t dot = locale.find('.');
  if (dot == std::string_view::npos) return true;
  std::string charset;
  for (const char c : locale.substr(dot + 1)) {
    if (c == '@') break;
    if (c != '-') charset += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  }
  return charset == "utf8";
}

bool is_japanese(std::string_view locale) {
  if (!locale.starts_with("ja")) return false;
  return locale.size() == 2 || locale[2] == '_' || locale[2] == '.' || locale[2] == '@';
}

}  // namespace

Language language_from(std::string_view lc_all, std::string_view lc_messages,
                       std::string_view lang) {
  std::string_view chosen = lang;
  if (!lc_messages.empty()) chosen = lc_messages;
  if (!lc_all.empty()) chosen = lc_all;
  return is_japanese(chosen) && is_utf8(chosen) ? Language::japanese : Language::english;
}

void set_language(Language chosen) {
  language = chosen;
}

Language current_language() {
  return language;
}

std::string_view message(std::string_view id) {
  const auto found = catalogue().find(id);
  CHECK(found != catalogue().end());
  const Message& text = *found->second;
  return language == Language::japanese ? text.japanese : text.english;
}

}  // namespace mikura

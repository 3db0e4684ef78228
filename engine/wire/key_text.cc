#include "wire/key_text.h"

#include <string>

#include "base/utf8.h"
#include "crypto/user_key.h"

namespace mikura {
namespace {

std::string_view first_line(std::string_view text) {
  std::string_view line = text.substr(0, text.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

bool looks_like_key(std::string_view line) {
  while (line.starts_with(' ') || line.starts_with('\t'))
    line.remove_prefix(1);
  return line.starts_with("MIKURA-KEY-") || line.starts_with("mikura-key-");
}

// True if the first line that is neither empty nor a comment begins like a key.
bool holds_key(std::string_view text) {
  while (!text.empty()) {
    const std::string_view line = first_line(text);
    if (looks_like_key(line)) return true;
    if (!line.empty() && !line.starts_with('#')) return false;
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return false;
    text.remove_prefix(end + 1);
  }
  return false;
}

std::size_t count_characters(std::string_view text) {
  if (!is_valid_utf8(text)) return text.size();
  std::size_t characters = 0;
  for (const char c : text)
    characters += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
  return characters;
}

}  // namespace

Result<KeySource> parse_key_text(ByteSpan bytes, bool creating, std::string_view what) {
  std::string_view text = as_text(bytes);
  // Editors on other systems put a byte order mark first.
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (holds_key(text)) {
    auto key = parse_user_key(as_bytes(text));
    if (!key) return std::move(key).error().with_context(what);
    return KeySource::key(*std::move(key));
  }
  const std::string_view line = first_line(text);
  if (line.empty()) {
    return Error(Code::invalid, std::string(what) + " holds neither a key nor a passphrase")
        .with_hint(
            "A key is a line that starts with MIKURA-KEY-1. Its first line must not be empty.");
  }
  if (creating && count_characters(line) < kMinPassphraseCharacters) {
    return Error(Code::invalid, "the passphrase is shorter than 12 characters")
        .with_hint(
            "Use a longer one, or `mikura key generate FILE` for a key that cannot be guessed.");
  }
  return KeySource::passphrase(SecretBytes(as_bytes(line)));
}

}  // namespace mikura

#include "crypto/user_key.h"

#include <algorithm>
#include <string>

#include "crypto/bech32.h"

namespace mikura {
namespace {

constexpr std::string_view kPrefix = "mikura-key-";

Error not_a_key() {
  return Error(Code::invalid, "the text is not a Mikura key")
      .with_hint(
          "A key is one line that starts with MIKURA-KEY-1 and has 58 more characters. Check that "
          "it was copied whole.");
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

std::string_view trim(std::string_view line) {
  while (!line.empty() && is_space(line.front()))
    line.remove_prefix(1);
  while (!line.empty() && is_space(line.back()))
    line.remove_suffix(1);
  return line;
}

}  // namespace

UserKey generate_user_key(Random& random) {
  ByteArray<32> bytes;
  random.fill(bytes);
  UserKey key(bytes);
  wipe(bytes);
  return key;
}

SecretBytes format_user_key(const UserKey& key) {
  std::string text = bech32_encode(kPrefix, key.expose());
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  SecretBytes secret(as_bytes(text));
  wipe(std::as_writable_bytes(std::span(text)));
  return secret;
}

Result<UserKey> parse_user_key(ByteSpan text_bytes) {
  std::string_view text = as_text(text_bytes);
  std::string_view found;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = trim(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (line.empty() || line.front() == '#') continue;
    if (!found.empty()) return not_a_key();
    found = line;
  }
  auto decoded = bech32_decode(kPrefix, found);
  if (!decoded) return not_a_key();
  ByteArray<UserKey::kSize> bytes{};
  const bool right_size = decoded->size() == bytes.size();
  if (right_size) std::copy(decoded->begin(), decoded->end(), bytes.begin());
  wipe(*decoded);
  UserKey key(bytes);
  wipe(bytes);
  if (!right_size) return not_a_key();
  return key;
}

}  // namespace mikura

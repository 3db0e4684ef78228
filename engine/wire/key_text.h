// Key text: what a key file, a command or a person gives, told apart: a key or a passphrase.
//
// Pure. Secrets live only in types that wipe themselves; errors never hold any part of them.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "format/keyring.h"

namespace mikura {

// No key file is longer.
inline constexpr std::size_t kMaxKeyTextBytes = 64 * 1024;
// Of a passphrase for a new repository, in characters.
inline constexpr std::size_t kMinPassphraseCharacters = 12;

// Bytes that are wiped when they go: where a secret is read into.
struct WipedBuffer {
  explicit WipedBuffer(std::size_t size) : bytes(size) {}
  WipedBuffer(const WipedBuffer&) = delete;
  WipedBuffer& operator=(const WipedBuffer&) = delete;
  ~WipedBuffer() { wipe(bytes); }

  Bytes bytes;
};

// A text with a line MIKURA-KEY-1... (comments may come before it) is a key; otherwise its first
// line is a passphrase. When `creating`, a passphrase must not be short. `what` names the origin in
// errors.
Result<KeySource> parse_key_text(ByteSpan text, bool creating, std::string_view what);

}  // namespace mikura

// Keyring: the random keys of a repository; and the slot that holds it wrapped by one user key
// (M3.1, M6.2).
//
// keys/<slot> = slot header || sealed keyring (format/envelope.h, type keyring, key = the slot's
// wrapping key) || SHA-256 of all before. The header's check value tells a wrong key from a damaged
// slot. Pure, but for the time a passphrase takes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "crypto/password.h"
#include "crypto/random.h"
#include "crypto/secret_key.h"
#include "crypto/uuid.h"

namespace mikura {

struct Keyring {
  Sha256Digest repository_sha256;  // of the whole `repository` object: binds it
  std::uint32_t min_format = 1;
  std::int64_t created_unix_ms = 0;
  NameKey name_key;
  ChunkKey chunk_key;
  std::uint32_t current_epoch = 1;
  std::map<std::uint32_t, EpochKey> epochs;  // 1..1024 of them, holds current_epoch

  Keyring(NameKey name, ChunkKey chunk) : name_key(std::move(name)), chunk_key(std::move(chunk)) {}

  // nullptr if the keyring has no such epoch.
  const EpochKey* epoch_key(std::uint32_t epoch) const;
};

// Fresh random keys, one epoch (1).
Keyring make_keyring(const Sha256Digest& repository_sha256, std::int64_t now_unix_ms,
                     Random& random);

// What a user holds.
struct KeySource {
  std::variant<UserKey, SecretBytes> secret;  // a key, or a passphrase

  static KeySource key(UserKey user_key) { return {std::move(user_key)}; }
  static KeySource passphrase(SecretBytes text) { return {std::move(text)}; }
  bool is_passphrase() const { return std::holds_alternative<SecretBytes>(secret); }
};

enum class SlotKind : std::uint8_t { key_file = 1, passphrase = 2 };

inline constexpr std::uint64_t kMaxSlotBytes = 256 * 1024;

// The bytes of object `slot_name` ("keys/<slot>"). For passphrases, `parameters` gives memory and
// passes (its salt is drawn here).
Result<Bytes> seal_keyring(const Keyring& keyring, const RepositoryId& repository,
                           std::string_view slot_name, const KeySource& source,
                           PasswordParameters parameters, Random& random);

// Kind of a stored slot, without opening it. Code::corrupt if it is damaged.
Result<SlotKind> slot_kind(ByteSpan slot);

// Code::wrong_key if the slot is whole but for another key (or of the other kind); Code::corrupt if
// its bytes are damaged.
Result<Keyring> open_keyring(ByteSpan slot, const RepositoryId& repository,
                             std::string_view slot_name, const KeySource& source);

}  // namespace mikura

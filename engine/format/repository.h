// RepositoryConfig: the object named `repository`: plain, because it is read before any key is
// there, but authenticated: the keyring holds its SHA-256. A trailing SHA-256 tells accidental
// damage from a wrong key. Pure.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/uuid.h"

namespace mikura {

// M1.4, O5. Fixed at creation.
enum class NamingScheme : std::uint8_t {
  hmac_sha256 = 1,  // HMAC-SHA256(K_name, SHA-256(plaintext)): names tell nothing without the key
  sha256 = 2,       // the plain hash: whoever lists the store can recognise known contents
};

// What the probe found the store to do (vault/probe.h).
struct StoreCapabilities {
  bool conditional_create = false;
  bool conditional_swap = false;
  bool conditional_delete = false;
  friend bool operator==(const StoreCapabilities&, const StoreCapabilities&) = default;
};

struct RepositoryConfig {
  std::uint32_t format = 1;
  RepositoryId id;
  NamingScheme naming = NamingScheme::hmac_sha256;
  StoreCapabilities capabilities;
  bool single_writer = false;  // chosen by name for a store that cannot swap safely
  std::int64_t created_unix_ms = 0;
  friend bool operator==(const RepositoryConfig&, const RepositoryConfig&) = default;
};

inline constexpr std::uint64_t kMaxRepositoryBytes = 4096;

// Starts with the text line "mikura repository\n", for a person who finds the bucket.
Bytes encode_repository(const RepositoryConfig& config);
// Code::invalid if it is no Mikura repository at all (no magic), Code::corrupt if damaged,
// Code::unsupported if newer.
Result<RepositoryConfig> decode_repository(ByteSpan bytes);

}  // namespace mikura

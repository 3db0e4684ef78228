#include "crypto/password.h"

#include <sodium.h>

#include <string>
#include <string_view>

namespace mikura {
namespace {

constexpr std::uint32_t kMinMemoryKib = 64 * 1024;
constexpr std::uint32_t kMaxMemoryKib = 1024 * 1024;
constexpr std::uint32_t kMaxPasses = 10;

}  // namespace

Result<void> check_password_parameters(const PasswordParameters& parameters) {
  const bool memory_ok =
      parameters.memory_kib >= kMinMemoryKib && parameters.memory_kib <= kMaxMemoryKib;
  if (memory_ok && parameters.passes >= 1 && parameters.passes <= kMaxPasses) return {};
  return Error(Code::corrupt, "the key slot asks for Argon2id with " +
                                  std::to_string(parameters.memory_kib) + " KiB and " +
                                  std::to_string(parameters.passes) +
                                  " passes, outside the accepted range");
}

Result<UserKey> derive_from_password(const SecretBytes& passphrase,
                                     const PasswordParameters& parameters) {
  TRY(check_password_parameters(parameters));
  if (sodium_init() < 0) return Error(Code::internal, "libsodium cannot be initialised");
  static_assert(crypto_pwhash_argon2id_SALTBYTES == 16);
  ByteArray<32> key;
  // An empty passphrase may have no address, which libsodium's declaration forbids.
  const std::string_view text =
      passphrase.empty() ? std::string_view("") : as_text(passphrase.expose());
  const int failed = crypto_pwhash(
      reinterpret_cast<unsigned char*>(key.data()), key.size(), text.data(), text.size(),
      reinterpret_cast<const unsigned char*>(parameters.salt.data()), parameters.passes,
      static_cast<std::size_t>(parameters.memory_kib) * 1024, crypto_pwhash_ALG_ARGON2ID13);
  if (failed != 0) {
    return Error(Code::full, "the key cannot be derived from the passphrase: " +
                                 std::to_string(parameters.memory_kib / 1024) +
                                 " MiB of memory are needed")
        .with_hint("Free some memory and run the command again.");
  }
  UserKey derived(key);
  wipe(key);
  return derived;
}

}  // namespace mikura

#include "vault/key_slots.h"

#include <optional>

#include "crypto/hash.h"
#include "format/content.h"

namespace mikura {
namespace {

constexpr std::size_t kMaxSlots = 64;

Error wrong_key(const RepositoryConfig& config) {
  return Error(Code::wrong_key,
               "the key does not open repository " + format_uuid(config.id.bytes()))
      .with_hint("Give the key or passphrase that this repository was created with.");
}

Result<void> check_binding(const Keyring& keyring, ByteSpan repository) {
  if (keyring.repository_sha256 == sha256(repository)) return {};
  return Error(Code::corrupt,
               "the object `repository` is not the one that this repository was created with")
      .with_hint("Somebody or something changed it in the store. Restore it from a copy.");
}

}  // namespace

Result<Bytes> fetch_repository(BlobStore& store, std::stop_token stop) {
  auto blob = get_whole(store, kRepositoryName, kMaxRepositoryBytes, stop);
  if (blob.failed_with(Code::not_found)) {
    return Error(Code::not_found, "there is no Mikura repository at " + store.describe())
        .with_hint("Check the address, or create a repository there with `mikura init`.");
  }
  if (!blob) return std::move(blob).error();
  return std::move(blob->data);
}

Result<std::vector<StoredSlot>> fetch_slots(BlobStore& store, std::stop_token stop) {
  TRY_ASSIGN(const auto listed, list_all(store, kKeysPrefix, stop));
  std::vector<StoredSlot> slots;
  for (const ListedBlob& blob : listed) {
    if (slots.size() == kMaxSlots) break;
    auto slot = get_whole(store, blob.name, kMaxSlotBytes, stop);
    if (slot.failed_with(Code::not_found)) continue;  // removed meanwhile
    if (!slot) return std::move(slot).error();
    slots.push_back({blob.name, std::move(slot->data)});
  }
  if (slots.empty()) {
    return Error(Code::corrupt, "the repository at " + store.describe() + " has no key slots")
        .with_hint(
            "Its creation was interrupted (run `mikura init` again) or the objects under keys/ "
            "were removed.");
  }
  return slots;
}

KeyKinds kinds_of(const std::vector<StoredSlot>& slots) {
  KeyKinds kinds;
  for (const StoredSlot& slot : slots) {
    const auto kind = slot_kind(slot.bytes);
    if (!kind) continue;
    if (*kind == SlotKind::key_file) kinds.key_file = true;
    if (*kind == SlotKind::passphrase) kinds.passphrase = true;
  }
  return kinds;
}

Result<OpenedKeys> open_slots(const std::vector<StoredSlot>& slots, const RepositoryConfig& config,
                              ByteSpan repository, const KeySource& key) {
  std::optional<Error> damaged;
  for (const StoredSlot& slot : slots) {
    auto keyring = open_keyring(slot.bytes, config.id, slot.name, key);
    if (keyring) {
      TRY(check_binding(*keyring, repository));
      return OpenedKeys{*std::move(keyring), slot.name, slot.bytes};
    }
    if (!keyring.failed_with(Code::wrong_key)) damaged = std::move(keyring).error();
  }
  if (damaged) return *std::move(damaged);
  return wrong_key(config);
}

}  // namespace mikura

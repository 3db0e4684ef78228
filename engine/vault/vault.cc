#include "vault/vault.h"

#include <fmt/format.h>

#include "base/check.h"
#include "base/log.h"
#include "crypto/hash.h"
#include "vault/key_slots.h"
#include "vault/sealed_bound.h"

namespace mikura {
namespace {

Error missing(std::string_view name, const BlobStore& store) {
  return Error(Code::corrupt,
               fmt::format("the object {} is missing from {}", name, store.describe()))
      .with_hint(
          "Something removed it from the store. `mikura doctor` checks the store; a copy of the "
          "object can be put back.");
}

std::string memory_folder(const VaultEnvironment& environment, const RepositoryId& repository) {
  return environment.client_folder + "/repositories/" + format_uuid(repository.bytes());
}

}  // namespace

Vault::Vault(BlobStore& store, const VaultEnvironment& environment, RepositoryConfig config,
             KeyObjects objects, KeySource key, Keyring keyring)
    : store_(store),
      environment_(environment),
      config_(config),
      objects_(std::move(objects)),
      key_(std::move(key)),
      keyring_(std::move(keyring)),
      gear_(keyring_.chunk_key),
      memory_(std::make_unique<ClientMemory>(memory_folder(environment, config.id), config.id,
                                             keyring_.name_key)) {}

Result<std::unique_ptr<Vault>> Vault::open(BlobStore& store, KeyObjects cached,
                                           const KeyCallback& ask,
                                           const VaultEnvironment& environment,
                                           std::stop_token stop) {
  const bool from_cache = cached.complete();
  std::vector<StoredSlot> slots;
  if (from_cache) {
    slots.push_back({cached.slot_name, cached.slot});
  } else {
    TRY_ASSIGN(cached.repository, fetch_repository(store, stop));
  }
  TRY_ASSIGN(RepositoryConfig config, decode_repository(cached.repository));
  if (!from_cache) {
    TRY_ASSIGN(slots, fetch_slots(store, stop));
  }
  TRY_ASSIGN(KeySource key, ask(config.id, kinds_of(slots)));

  auto opened = open_slots(slots, config, cached.repository, key);
  if (!opened && from_cache) {
    // The slot may have been replaced (another passphrase) since it was cached.
    TRY_ASSIGN(slots, fetch_slots(store, stop));
    opened = open_slots(slots, config, cached.repository, key);
  }
  if (!opened) return std::move(opened).error();
  KeyObjects objects{std::move(cached.repository), std::move(opened->slot_name),
                     std::move(opened->slot)};
  return std::unique_ptr<Vault>(new Vault(store, environment, config, std::move(objects),
                                          std::move(key), std::move(opened->keyring)));
}

Result<void> Vault::refresh_keys(std::stop_token stop) {
  TRY_ASSIGN(const auto slots, fetch_slots(store_, stop));
  TRY_ASSIGN(OpenedKeys opened, open_slots(slots, config_, objects_.repository, key_));
  keyring_ = std::move(opened.keyring);
  objects_.slot_name = std::move(opened.slot_name);
  objects_.slot = std::move(opened.slot);
  return {};
}

Result<Bytes> Vault::open_object(std::string_view name, ObjectType type, ByteSpan object,
                                 std::uint64_t max_payload_bytes) const {
  auto epoch = sealed_epoch(object);
  if (!epoch)
    return std::move(epoch).error().with_context(fmt::format("opening the object {}", name));
  const EpochKey* key = keyring_.epoch_key(*epoch);
  if (key == nullptr) {
    return Error(Code::corrupt,
                 fmt::format(
                     "the object {} is sealed with a key that this repository does not have", name))
        .with_hint("The object was damaged or forged in the store.");
  }
  return open_sealed({config_.id, type, name, *epoch, key->expose()}, object, max_payload_bytes);
}

Bytes Vault::seal_object(std::string_view name, ObjectType type, ByteSpan payload) const {
  const EpochKey* key = keyring_.epoch_key(keyring_.current_epoch);
  CHECK(key != nullptr);
  return seal({config_.id, type, name, keyring_.current_epoch, key->expose()}, payload,
              environment_.random);
}

Result<Bytes> Vault::read_sealed(std::string_view name, ObjectType type,
                                 std::uint64_t max_object_bytes, std::uint64_t max_payload_bytes,
                                 std::stop_token stop) const {
  auto blob = get_whole(store_, name, max_object_bytes, stop);
  if (blob.failed_with(Code::not_found)) return missing(name, store_);
  if (!blob) return std::move(blob).error();
  return open_object(name, type, blob->data, max_payload_bytes);
}

std::string Vault::name_of(const Sha256Digest& content) const {
  return object_name(blob_id(config_.naming, keyring_.name_key, content));
}

Result<Bytes> Vault::read_blob(const Sha256Digest& content, std::uint64_t size_bytes,
                               std::stop_token stop) const {
  if (size_bytes > kMaxBlobBytes) {
    return Error(Code::corrupt,
                 fmt::format("the index asks for a blob of {} bytes, more than a blob can hold",
                             size_bytes));
  }
  TRY_ASSIGN(const auto place, find_in_packs(content, stop));
  if (place) {
    const auto packed = [&]() -> Result<Bytes> {
      TRY_ASSIGN(const Bytes sealed,
                 read_pack(place->pack, place->offset_bytes, place->size_bytes, stop));
      return open_blob(content, size_bytes, sealed);
    }();
    if (!packed.failed_with(Code::corrupt)) return packed;
    // Perhaps it was also stored alone: then nothing is lost.
    auto alone = read_alone(content, size_bytes, stop);
    if (alone) return alone;
    return Error(packed.error()).with_context("reading " + pack_name(place->pack));
  }
  return read_alone(content, size_bytes, stop);
}

Result<Bytes> Vault::read_alone(const Sha256Digest& content, std::uint64_t size_bytes,
                                std::stop_token stop) const {
  const std::string name = name_of(content);
  auto blob = get_whole(store_, name, sealed_bound(size_bytes), stop);
  if (blob.failed_with(Code::not_found)) return missing(name, store_);
  if (!blob) return std::move(blob).error();
  return open_blob(content, size_bytes, blob->data);
}

Result<Bytes> Vault::open_blob(const Sha256Digest& content, std::uint64_t size_bytes,
                               ByteSpan sealed) const {
  const std::string name = name_of(content);
  TRY_ASSIGN(Bytes data, open_object(name, ObjectType::blob, sealed, size_bytes));
  if (data.size() != size_bytes || sha256(data) != content) {
    return Error(Code::corrupt,
                 fmt::format("the object {} does not hold the content that the index names", name))
        .with_hint(
            "The object was damaged before it was encrypted, or written by a faulty program.");
  }
  return data;
}

Result<Bytes> Vault::read_chunk_list(const Sha256Digest& content, std::stop_token stop) const {
  const std::string name = name_of(content);
  TRY_ASSIGN(Bytes encoded,
             read_sealed(name, ObjectType::chunk_list, sealed_bound(kMaxChunkListBytes),
                         kMaxChunkListBytes, stop));
  if (sha256(encoded) != content) {
    return Error(Code::corrupt,
                 fmt::format("the object {} is not the list of chunks that the index names", name));
  }
  return encoded;
}

Result<std::uint64_t> Vault::write_blob(const Sha256Digest& content, ByteSpan data,
                                        std::stop_token stop) const {
  const Bytes object = seal_blob(content, data);
  TRY(store_.put(name_of(content), object, PutCondition::none(), stop));
  return object.size();
}

Result<void> Vault::write_sealed_blob(const Sha256Digest& content, ByteSpan sealed,
                                      std::stop_token stop) const {
  TRY(store_.put(name_of(content), sealed, PutCondition::none(), stop));
  return {};
}

void Vault::require_format(std::uint32_t format) {
  std::uint32_t before = required_format_;
  while (before < format && !required_format_.compare_exchange_weak(before, format)) {
  }
}

Bytes Vault::seal_blob(const Sha256Digest& content, ByteSpan data) const {
  return seal_object(name_of(content), ObjectType::blob, data);
}

Result<std::uint64_t> Vault::write_chunk_list(const Sha256Digest& content, ByteSpan encoded,
                                              std::stop_token stop) const {
  const std::string name = name_of(content);
  const Bytes object = seal_object(name, ObjectType::chunk_list, encoded);
  TRY(store_.put(name, object, PutCondition::none(), stop));
  return object.size();
}

}  // namespace mikura

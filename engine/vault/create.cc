// Creating a repository. The order makes every interruption harmless: `repository` claims the
// place, then the key slot, then HEAD.
#include "crypto/hash.h"
#include "vault/key_slots.h"
#include "vault/probe.h"
#include "vault/vault.h"

namespace mikura {
namespace {

Error already_there(BlobStore& store) {
  return Error(Code::already_exists, "there is already a Mikura repository at " + store.describe())
      .with_hint("Use `mikura link` or `mikura clone` to work with it, or choose another address.");
}

Result<StoreCapabilities> capable(BlobStore& store, const CreateOptions& options, Random& random,
                                  std::stop_token stop) {
  TRY_ASSIGN(const StoreCapabilities found, probe_store(store, random, stop));
  if (found.conditional_create && found.conditional_swap) return found;
  if (options.single_writer) return found;
  return Error(Code::unsupported, store.describe() +
                                      " does not honour conditional writes, so two people who push "
                                      "at once could overwrite each other")
      .with_hint(
          "Use a store that does (AWS S3, MinIO, Cloudflare R2, ...), or, if only one machine will "
          "ever write, add --single-writer.");
}

// What an earlier, interrupted creation left. `taken` if a usable repository is there.
struct Leftover {
  bool taken = false;
  std::optional<std::string> repository_etag;  // to be replaced by us
};

Result<Leftover> look_at(BlobStore& store, std::stop_token stop) {
  Leftover found;
  auto repository = get_whole(store, kRepositoryName, kMaxRepositoryBytes, stop);
  if (repository.failed_with(Code::not_found)) return found;
  if (!repository) return std::move(repository).error();
  TRY_ASSIGN(const ListPage keys, store.list(kKeysPrefix, "", stop));
  TRY_ASSIGN(const ListPage indexes, store.list(kIndexesPrefix, "", stop));
  found.taken = !keys.blobs.empty() || !indexes.blobs.empty();
  found.repository_etag = repository->etag;
  return found;
}

Head empty_head(const RepositoryConfig& config, const Keyring& keyring,
                const VaultEnvironment& environment) {
  Head head;
  head.repository = config.id;
  head.key_epoch = keyring.current_epoch;
  head.publish = environment.random.make_id<PublishId>();
  head.device = environment.device;
  head.written_unix_ms = environment.clock.unix_ms();
  return head;
}

// An object that only its creator can have written. After a lost answer the name may be taken by
// our own bytes.
Result<void> put_new(BlobStore& store, std::string_view name, ByteSpan data,
                     const StoreCapabilities& can, std::stop_token stop) {
  const auto condition = can.conditional_create ? PutCondition::if_absent() : PutCondition::none();
  auto put = store.put(name, data, condition, stop);
  if (put) return {};
  if (!put.failed_with(Code::already_exists)) return std::move(put).error();
  TRY_ASSIGN(const Blob there, get_whole(store, name, kMaxObjectSizeBytes, stop));
  if (equal_constant_time(there.data, data)) return {};
  return already_there(store);
}

}  // namespace

Result<KeyObjects> Vault::create(BlobStore& store, const CreateOptions& options,
                                 const KeySource& key, const VaultEnvironment& environment,
                                 std::stop_token stop) {
  TRY_ASSIGN(const Leftover leftover, look_at(store, stop));
  if (leftover.taken) return already_there(store);
  TRY_ASSIGN(const StoreCapabilities capabilities,
             capable(store, options, environment.random, stop));

  RepositoryConfig config;
  config.id = make_repository_id(environment.random);
  config.naming = options.naming;
  config.capabilities = capabilities;
  config.single_writer = options.single_writer;
  config.created_unix_ms = environment.clock.unix_ms();

  KeyObjects objects;
  objects.repository = encode_repository(config);
  objects.slot_name = std::string(kKeysPrefix) + "user-" +
                      to_hex(environment.random.make_id<PublishId>().bytes().first<4>());
  const Keyring keyring =
      make_keyring(sha256(objects.repository), config.created_unix_ms, environment.random);
  TRY_ASSIGN(objects.slot, seal_keyring(keyring, config.id, objects.slot_name, key,
                                        options.password, environment.random));

  if (leftover.repository_etag && capabilities.conditional_swap) {
    auto replaced = store.put(kRepositoryName, objects.repository,
                              PutCondition::if_match(*leftover.repository_etag), stop);
    if (replaced.failed_with(Code::conflict)) return already_there(store);
    if (!replaced) return std::move(replaced).error();
  } else {
    TRY(put_new(store, kRepositoryName, objects.repository, capabilities, stop));
  }
  TRY(put_new(store, objects.slot_name, objects.slot, capabilities, stop));

  const SealContext context{config.id, ObjectType::head, kHeadName, keyring.current_epoch,
                            keyring.epoch_key(keyring.current_epoch)->expose()};
  const Bytes head =
      seal(context, encode_head(empty_head(config, keyring, environment)), environment.random);
  TRY(put_new(store, kHeadName, head, capabilities, stop));
  TRY(store.flush(stop));
  return objects;
}

}  // namespace mikura

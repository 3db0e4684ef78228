#include "format/keyring.h"

#include <algorithm>

#include "crypto/hash.h"
#include "format/codec.h"
#include "format/envelope.h"
#include "format/keyring_codec.h"

namespace mikura {
namespace {

constexpr std::string_view kSlotMagic = "MKSL";
constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kCheckSize = 16;
constexpr std::size_t kTrailerSize = Sha256Digest::kSize;

struct SlotHeader {
  SlotKind kind = SlotKind::key_file;
  PasswordParameters password;
  ByteArray<kCheckSize> check{};
};

// What a secret becomes for one slot of one repository.
struct SlotKeys {
  WrappingKey wrapping;
  ByteArray<kCheckSize> check;
};

Error damaged_slot(std::string_view name) {
  return Error(Code::corrupt, "the key slot " + std::string(name) + " is damaged")
      .with_hint(
          "Put the object back from a copy, or open the repository with a key that has another "
          "slot.");
}

Error newer_slot(std::string_view name) {
  return Error(Code::unsupported,
               "the key slot " + std::string(name) + " is of a newer kind than this program knows")
      .with_hint("Update Mikura.");
}

// A key against a slot that takes a passphrase is a wrong key too, and saying so tells nothing that
// the slot does not.
Error wrong_key(std::string_view name, SlotKind kind) {
  Error error(Code::wrong_key, "the key does not fit the key slot " + std::string(name));
  return std::move(error).with_hint(
      kind == SlotKind::passphrase
          ? "This slot opens with a passphrase. Check that it is the right one."
          : "This slot opens with a key (MIKURA-KEY-1...). Check that it is the right one.");
}

void write_header(Writer& writer, const SlotHeader& header) {
  writer.raw(as_bytes(kSlotMagic));
  writer.u8(kFormat);
  writer.u8(static_cast<std::uint8_t>(header.kind));
  if (header.kind == SlotKind::passphrase) {
    writer.u32(header.password.memory_kib);
    writer.u32(header.password.passes);
    writer.raw(header.password.salt);
  }
}

// docs/format.md, "Key slots": one secret gives independent keys for every slot and repository; the
// header is bound in.
SlotKeys derive_slot_keys(const UserKey& secret, const SlotHeader& header,
                          const RepositoryId& repository, std::string_view name) {
  auto extracted = hkdf_extract(repository.bytes(), secret.expose());
  Writer bound;
  write_header(bound, header);
  bound.text(name);
  const auto expand = [&](std::string_view label, MutableByteSpan out) {
    Writer info;
    info.raw(as_bytes(label));
    info.u8(0);
    info.raw(bound.bytes());
    hkdf_expand(extracted, info.bytes(), out);
  };
  ByteArray<32> wrapping;
  expand("mikura/v1/kek", wrapping);
  SlotKeys keys{WrappingKey(wrapping), {}};
  expand("mikura/v1/key-check", keys.check);
  wipe(wrapping);
  wipe(extracted);
  return keys;
}

Result<SlotKeys> slot_keys(const KeySource& source, const SlotHeader& header,
                           const RepositoryId& repository, std::string_view name) {
  if (const auto* key = std::get_if<UserKey>(&source.secret))
    return derive_slot_keys(*key, header, repository, name);
  TRY_ASSIGN(const UserKey derived,
             derive_from_password(std::get<SecretBytes>(source.secret), header.password));
  return derive_slot_keys(derived, header, repository, name);
}

struct ParsedSlot {
  SlotHeader header;
  ByteSpan sealed;
};

Result<ParsedSlot> parse_slot(ByteSpan slot, std::string_view name) {
  if (slot.size() > kMaxSlotBytes || slot.size() < kTrailerSize) return damaged_slot(name);
  const ByteSpan body = slot.first(slot.size() - kTrailerSize);
  if (!equal_constant_time(sha256(body).bytes(), slot.last(kTrailerSize)))
    return damaged_slot(name);
  Reader reader(body, "a key slot");
  ParsedSlot parsed;
  if (as_text(reader.raw(kSlotMagic.size())) != kSlotMagic) return damaged_slot(name);
  const std::uint8_t format = reader.u8();
  if (format > kFormat) return newer_slot(name);
  if (format != kFormat) reader.fail("it has a version 0");
  const std::uint8_t kind = reader.u8();
  if (kind == static_cast<std::uint8_t>(SlotKind::passphrase)) {
    parsed.header.kind = SlotKind::passphrase;
    parsed.header.password.memory_kib = reader.u32();
    parsed.header.password.passes = reader.u32();
    const ByteSpan salt = reader.raw(parsed.header.password.salt.size());
    std::copy(salt.begin(), salt.end(), parsed.header.password.salt.begin());
    // Before any memory is allocated for it.
    TRY(check_password_parameters(parsed.header.password));
  } else if (kind > static_cast<std::uint8_t>(SlotKind::passphrase)) {
    return newer_slot(name);
  } else if (kind != static_cast<std::uint8_t>(SlotKind::key_file)) {
    reader.fail("its kind is impossible");
  }
  const ByteSpan check = reader.raw(kCheckSize);
  std::copy(check.begin(), check.end(), parsed.header.check.begin());
  parsed.sealed = reader.raw(reader.remaining());
  TRY(reader.finish());
  return parsed;
}

}  // namespace

const EpochKey* Keyring::epoch_key(std::uint32_t epoch) const {
  const auto found = epochs.find(epoch);
  return found == epochs.end() ? nullptr : &found->second;
}

Keyring make_keyring(const Sha256Digest& repository_sha256, std::int64_t now_unix_ms,
                     Random& random) {
  const auto fresh = [&]<class Key>(std::type_identity<Key>) {
    ByteArray<32> bytes;
    random.fill(bytes);
    Key key(bytes);
    wipe(bytes);
    return key;
  };
  auto name_key = fresh(std::type_identity<NameKey>());
  auto chunk_key = fresh(std::type_identity<ChunkKey>());
  Keyring keyring(std::move(name_key), std::move(chunk_key));
  keyring.repository_sha256 = repository_sha256;
  keyring.created_unix_ms = now_unix_ms;
  keyring.epochs.emplace(keyring.current_epoch, fresh(std::type_identity<EpochKey>()));
  return keyring;
}

Result<Bytes> seal_keyring(const Keyring& keyring, const RepositoryId& repository,
                           std::string_view slot_name, const KeySource& source,
                           PasswordParameters parameters, Random& random) {
  SlotHeader header;
  header.kind = source.is_passphrase() ? SlotKind::passphrase : SlotKind::key_file;
  random.fill(parameters.salt);
  header.password = parameters;
  TRY_ASSIGN(const SlotKeys keys, slot_keys(source, header, repository, slot_name));

  const SecretBytes plain = encode_keyring(keyring);
  const SealContext context{repository, ObjectType::keyring, slot_name, 0, keys.wrapping.expose()};
  Writer writer;
  write_header(writer, header);
  writer.raw(keys.check);
  writer.raw(seal(context, plain.expose(), random));
  writer.id(sha256(writer.bytes()));
  return writer.take();
}

Result<SlotKind> slot_kind(ByteSpan slot) {
  TRY_ASSIGN(const ParsedSlot parsed, parse_slot(slot, "keys/"));
  return parsed.header.kind;
}

Result<Keyring> open_keyring(ByteSpan slot, const RepositoryId& repository,
                             std::string_view slot_name, const KeySource& source) {
  TRY_ASSIGN(const ParsedSlot parsed, parse_slot(slot, slot_name));
  const SlotKind kind = parsed.header.kind;
  if (source.is_passphrase() != (kind == SlotKind::passphrase)) return wrong_key(slot_name, kind);
  TRY_ASSIGN(const SlotKeys keys, slot_keys(source, parsed.header, repository, slot_name));
  if (!equal_constant_time(keys.check, parsed.header.check)) return wrong_key(slot_name, kind);
  const SealContext context{repository, ObjectType::keyring, slot_name, 0, keys.wrapping.expose()};
  TRY_ASSIGN(Bytes plain, open_sealed(context, parsed.sealed, kMaxKeyringBytes));
  auto keyring = decode_keyring(plain);
  wipe(plain);
  return keyring;
}

}  // namespace mikura

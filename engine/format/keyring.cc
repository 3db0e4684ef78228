#include "format/keyring.h"

#include <algorithm>

#include "base/check.h"
#include "crypto/hash.h"
#include "format/codec.h"
#include "format/envelope.h"

namespace mikura {
namespace {

constexpr std::string_view kSlotMagic = "MKSL";
constexpr std::string_view kRingMagic = "MKKR";
constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kCheckSize = 16;
constexpr std::size_t kTrailerSize = Sha256Digest::kSize;
constexpr std::size_t kMaxEpochs = 1024;
constexpr std::uint32_t kKnownMinFormat = 1;
constexpr std::size_t kMaxKeyringBytes = 64 * 1024;

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
      .with_hint("Put the object back from a copy, or open the repository with a key that has another slot.");
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

// docs/format.md, "Key slots": one secret gives independent keys for every slot and repository; the header is bound in.
SlotKeys derive_slot_keys(const UserKey& secret, const SlotHeader& header, const RepositoryId& repository, std::string_view name) {
  const auto extracted = hkdf_extract(repository.bytes(), secret.expose());
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
  return keys;
}

Result<SlotKeys> slot_keys(const KeySource& source, const SlotHeader& header, const RepositoryId& repository, std::string_view name) {
  if (const auto* key = std::get_if<UserKey>(&source.secret)) return derive_slot_keys(*key, header, repository, name);
  TRY_ASSIGN(const UserKey derived, derive_from_password(std::get<SecretBytes>(source.secret), header.password));
  return derive_slot_keys(derived, header, repository, name);
}

SecretBytes encode_keyring(const Keyring& keyring) {
  CHECK(keyring.epochs.contains(keyring.current_epoch) && keyring.epochs.size() <= kMaxEpochs);
  Writer writer;
  writer.raw(as_bytes(kRingMagic));
  writer.u8(kFormat);
  writer.u32(keyring.min_format);
  writer.id(keyring.repository_sha256);
  writer.i64(keyring.created_unix_ms);
  writer.raw(keyring.name_key.expose());
  writer.raw(keyring.chunk_key.expose());
  writer.u32(keyring.current_epoch);
  writer.varint(keyring.epochs.size());
  for (const auto& [epoch, key] : keyring.epochs) {
    writer.u32(epoch);
    writer.raw(key.expose());
  }
  Bytes bytes = writer.take();
  SecretBytes secret(bytes);
  wipe(bytes);
  return secret;
}

template <class Key>
Key read_key(Reader& reader) {
  const ByteSpan bytes = reader.raw(Key::kSize);
  ByteArray<Key::kSize> copy{};
  std::copy(bytes.begin(), bytes.end(), copy.begin());
  Key key(copy);
  wipe(copy);
  return key;
}

Result<Keyring> decode_keyring(ByteSpan bytes) {
  Reader reader(bytes, "the keyring");
  if (as_text(reader.raw(kRingMagic.size())) != kRingMagic) reader.fail("it does not start as one does");
  const std::uint8_t format = reader.u8();
  const std::uint32_t min_format = reader.u32();
  if (reader.ok() && (format != kFormat || min_format > kKnownMinFormat)) {
    return Error(Code::unsupported, "the repository is in a newer format than this program knows").with_hint("Update Mikura.");
  }
  const auto repository_sha256 = reader.id<Sha256Digest>();
  const std::int64_t created = reader.i64();
  auto name_key = read_key<NameKey>(reader);
  auto chunk_key = read_key<ChunkKey>(reader);
  Keyring keyring(std::move(name_key), std::move(chunk_key));
  keyring.min_format = min_format;
  keyring.repository_sha256 = repository_sha256;
  keyring.created_unix_ms = created;
  keyring.current_epoch = reader.u32();
  const std::uint64_t count = reader.varint_max(kMaxEpochs);
  for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
    const std::uint32_t epoch = reader.u32();
    if (epoch == 0 || (!keyring.epochs.empty() && epoch <= keyring.epochs.rbegin()->first)) reader.fail("its epochs are not in order");
    keyring.epochs.emplace(epoch, read_key<EpochKey>(reader));
  }
  if (reader.ok() && !keyring.epochs.contains(keyring.current_epoch)) reader.fail("it lacks its current epoch");
  TRY(reader.finish());
  return keyring;
}

struct ParsedSlot {
  SlotHeader header;
  ByteSpan sealed;
};

Result<ParsedSlot> parse_slot(ByteSpan slot, std::string_view name) {
  if (slot.size() > kMaxSlotBytes || slot.size() < kTrailerSize) return damaged_slot(name);
  const ByteSpan body = slot.first(slot.size() - kTrailerSize);
  if (!equal_constant_time(sha256(body).bytes(), slot.last(kTrailerSize))) return damaged_slot(name);
  Reader reader(body, "a key slot");
  ParsedSlot parsed;
  if (as_text(reader.raw(kSlotMagic.size())) != kSlotMagic) return damaged_slot(name);
  const std::uint8_t format = reader.u8();
  if (format != kFormat) {
    return Error(Code::unsupported, "the key slot " + std::string(name) + " is in a newer format than this program knows")
        .with_hint("Update Mikura.");
  }
  const std::uint8_t kind = reader.u8();
  if (kind == static_cast<std::uint8_t>(SlotKind::passphrase)) {
    parsed.header.kind = SlotKind::passphrase;
    parsed.header.password.memory_kib = reader.u32();
    parsed.header.password.passes = reader.u32();
    const ByteSpan salt = reader.raw(parsed.header.password.salt.size());
    std::copy(salt.begin(), salt.end(), parsed.header.password.salt.begin());
    // Before any memory is allocated for it.
    TRY(check_password_parameters(parsed.header.password));
  } else if (kind != static_cast<std::uint8_t>(SlotKind::key_file)) {
    reader.fail("its kind is unknown");
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

Keyring make_keyring(const Sha256Digest& repository_sha256, std::int64_t now_unix_ms, Random& random) {
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

Result<Bytes> seal_keyring(const Keyring& keyring, const RepositoryId& repository, std::string_view slot_name, const KeySource& source,
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

Result<Keyring> open_keyring(ByteSpan slot, const RepositoryId& repository, std::string_view slot_name, const KeySource& source) {
  TRY_ASSIGN(const ParsedSlot parsed, parse_slot(slot, slot_name));
  const Error wrong(Code::wrong_key, "the key does not fit the key slot " + std::string(slot_name));
  if (source.is_passphrase() != (parsed.header.kind == SlotKind::passphrase)) return wrong;
  TRY_ASSIGN(const SlotKeys keys, slot_keys(source, parsed.header, repository, slot_name));
  if (!equal_constant_time(keys.check, parsed.header.check)) return wrong;
  const SealContext context{repository, ObjectType::keyring, slot_name, 0, keys.wrapping.expose()};
  TRY_ASSIGN(Bytes plain, open_sealed(context, parsed.sealed, kMaxKeyringBytes));
  auto keyring = decode_keyring(plain);
  wipe(plain);
  return keyring;
}

}  // namespace mikura

#include "format/keyring_codec.h"

#include <algorithm>

#include "base/check.h"
#include "format/codec.h"

namespace mikura {
namespace {

constexpr std::string_view kRingMagic = "MKKR";
constexpr std::uint8_t kFormat = 1;

template <class Key>
Key read_key(Reader& reader) {
  const ByteSpan bytes = reader.raw(Key::kSize);
  ByteArray<Key::kSize> copy{};
  std::copy(bytes.begin(), bytes.end(), copy.begin());
  Key key(copy);
  wipe(copy);
  return key;
}

}  // namespace

SecretBytes encode_keyring(const Keyring& keyring) {
  CHECK(keyring.epochs.contains(keyring.current_epoch) && keyring.epochs.size() <= kMaxEpochs);
  CHECK(keyring.epochs.begin()->first != 0 && keyring.min_format != 0);
  Writer writer;
  writer.reserve(kMaxKeyringBytes);  // no growing: what it grows out of would not be wiped
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

Result<Keyring> decode_keyring(ByteSpan bytes) {
  Reader reader(bytes, "the keyring");
  if (as_text(reader.raw(kRingMagic.size())) != kRingMagic)
    reader.fail("it does not start as one does");
  const std::uint8_t format = reader.u8();
  const std::uint32_t min_format = reader.u32();
  if (reader.ok() && (format > kFormat || min_format > kFormat)) {
    return Error(Code::unsupported, "the repository is in a newer format than this program knows")
        .with_hint("Update Mikura.");
  }
  if (format == 0 || min_format == 0) reader.fail("it has a version 0");
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
    if (epoch == 0 || (!keyring.epochs.empty() && epoch <= keyring.epochs.rbegin()->first))
      reader.fail("its epochs are not in order");
    keyring.epochs.emplace(epoch, read_key<EpochKey>(reader));
  }
  if (reader.ok() && !keyring.epochs.contains(keyring.current_epoch))
    reader.fail("it lacks its current epoch");
  TRY(reader.finish());
  return keyring;
}

}  // namespace mikura

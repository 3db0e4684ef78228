#include "format/repository.h"

#include "crypto/hash.h"
#include "format/codec.h"

namespace mikura {
namespace {

constexpr std::string_view kMagic = "mikura repository\n";
constexpr std::uint32_t kFormat = 1;
constexpr std::size_t kTrailerSize = Sha256Digest::kSize;

enum Flags : std::uint8_t {
  kConditionalCreate = 1,
  kConditionalSwap = 2,
  kConditionalDelete = 4,
  kSingleWriter = 8,
  kAllFlags = 15,
};

std::uint8_t flags_of(const RepositoryConfig& config) {
  unsigned flags = 0;
  if (config.capabilities.conditional_create) flags |= kConditionalCreate;
  if (config.capabilities.conditional_swap) flags |= kConditionalSwap;
  if (config.capabilities.conditional_delete) flags |= kConditionalDelete;
  if (config.single_writer) flags |= kSingleWriter;
  return static_cast<std::uint8_t>(flags);
}

Error damaged() {
  return Error(Code::corrupt, "the object `repository` is damaged")
      .with_hint("Restore it from a copy; without it the repository cannot be opened.");
}

Error not_a_repository() {
  return Error(Code::invalid, "what is stored there is not a Mikura repository")
      .with_hint(
          "Check the address. If there was a repository, its object `repository` was replaced: "
          "restore it from a copy.");
}

Sha256Digest trailer_of(ByteSpan rest) {
  Sha256 hash;
  hash.update(as_bytes(kMagic));
  hash.update(rest);
  return hash.finish();
}

}  // namespace

Bytes encode_repository(const RepositoryConfig& config) {
  Writer writer;
  writer.raw(as_bytes(kMagic));
  writer.u32(config.format);
  writer.id(config.id);
  writer.u8(static_cast<std::uint8_t>(config.naming));
  writer.u8(flags_of(config));
  writer.i64(config.created_unix_ms);
  writer.id(sha256(writer.bytes()));
  return writer.take();
}

Result<RepositoryConfig> decode_repository(ByteSpan bytes) {
  if (bytes.size() < kMagic.size() + kTrailerSize || bytes.size() > kMaxRepositoryBytes) {
    return as_text(bytes).starts_with(kMagic) ? damaged() : not_a_repository();
  }
  // The trailer, as every version has it, is over the magic that there should be: so a bit that
  // changed by accident, wherever, makes neither something else of it nor a newer version.
  const ByteSpan rest = bytes.subspan(kMagic.size(), bytes.size() - kMagic.size() - kTrailerSize);
  const bool has_magic = as_text(bytes).starts_with(kMagic);
  if (!equal_constant_time(trailer_of(rest).bytes(), bytes.last(kTrailerSize))) {
    return has_magic ? damaged() : not_a_repository();
  }
  if (!has_magic) return damaged();

  Reader reader(rest, "the object `repository`");
  RepositoryConfig config;
  config.format = reader.u32();
  if (config.format == 0) reader.fail("it has a version 0");
  if (config.format > kFormat) {
    return Error(Code::unsupported, "the repository is in a newer format than this program knows")
        .with_hint("Update Mikura.");
  }
  config.id = reader.id<RepositoryId>();
  const std::uint8_t naming = reader.u8();
  if (naming == static_cast<std::uint8_t>(NamingScheme::sha256))
    config.naming = NamingScheme::sha256;
  else if (naming != static_cast<std::uint8_t>(NamingScheme::hmac_sha256))
    reader.fail("its naming scheme is unknown");
  const std::uint8_t flags = reader.u8();
  if ((flags & ~unsigned{kAllFlags}) != 0) reader.fail("it has unknown flags");
  config.capabilities.conditional_create = (flags & kConditionalCreate) != 0;
  config.capabilities.conditional_swap = (flags & kConditionalSwap) != 0;
  config.capabilities.conditional_delete = (flags & kConditionalDelete) != 0;
  config.single_writer = (flags & kSingleWriter) != 0;
  config.created_unix_ms = reader.i64();
  TRY(reader.finish());
  return config;
}

}  // namespace mikura

#include "format/pack.h"

#include <algorithm>

#include "base/check.h"
#include "format/codec.h"

namespace mikura {
namespace {

constexpr std::string_view kDirectoryMagic = "MKPD";
constexpr std::string_view kCatalogMagic = "MKCA";
constexpr std::string_view kFooterMagic = "MKPK";
constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kEntryBytes = Sha256Digest::kSize + 8;

// Why these cannot be the entries of a pack; empty if they can. For reader and writer.
std::string_view wrong_with(const std::vector<PackEntry>& entries, std::uint64_t blobs_bytes) {
  if (entries.empty()) return "a pack is empty";
  if (entries.size() > kMaxPackEntries) return "a pack has too many blobs";
  std::uint64_t end = 0;
  for (const PackEntry& entry : entries) {
    if (entry.size_bytes == 0) return "a blob of a pack has no bytes";
    if (entry.offset_bytes < end) return "blobs of a pack overlap or are not in order";
    end = std::uint64_t{entry.offset_bytes} + entry.size_bytes;
    if (end > blobs_bytes) return "a blob lies outside its pack";
  }
  return {};
}

std::string_view wrong_with(const Catalog& catalog) {
  if (catalog.packs.empty()) return "it is empty";
  std::size_t total = 0;
  for (std::size_t i = 0; i < catalog.packs.size(); ++i) {
    if (i > 0 && !(catalog.packs[i - 1].pack < catalog.packs[i].pack))
      return "its packs are not in order";
    if (const auto why = wrong_with(catalog.packs[i].entries, kMaxPackBytes); !why.empty())
      return why;
    total += catalog.packs[i].entries.size();
  }
  return total <= kMaxCatalogEntries ? std::string_view() : "it names too many blobs";
}

void write_entries(Writer& writer, const std::vector<PackEntry>& entries) {
  writer.varint(entries.size());
  for (const PackEntry& entry : entries) {
    writer.id(entry.content);
    writer.u32(entry.offset_bytes);
    writer.u32(entry.size_bytes);
  }
}

std::vector<PackEntry> read_entries(Reader& reader) {
  const std::uint64_t count = reader.varint_max(kMaxPackEntries);
  std::vector<PackEntry> entries;
  entries.reserve(std::min<std::size_t>(count, reader.remaining() / kEntryBytes));
  for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
    PackEntry entry;
    entry.content = reader.id<Sha256Digest>();
    entry.offset_bytes = reader.u32();
    entry.size_bytes = reader.u32();
    entries.push_back(entry);
  }
  return entries;
}

// Magic and format. Code::unsupported for a newer one.
Result<void> read_start(Reader& reader, std::string_view magic, std::string_view what) {
  if (as_text(reader.raw(magic.size())) != magic) reader.fail("it does not start as one does");
  const std::uint8_t format = reader.u8();
  if (reader.ok() && format > kFormat) {
    return Error(Code::unsupported, std::string(what) + " has a newer format than this program")
        .with_hint("Update Mikura.");
  }
  if (format != kFormat) reader.fail("it has a version 0");
  return {};
}

}  // namespace

Bytes encode_pack_directory(const std::vector<PackEntry>& entries) {
  CHECK(wrong_with(entries, kMaxPackBytes).empty());
  Writer writer;
  writer.raw(as_bytes(kDirectoryMagic));
  writer.u8(kFormat);
  write_entries(writer, entries);
  return writer.take();
}

Result<std::vector<PackEntry>> decode_pack_directory(ByteSpan bytes, std::uint64_t blobs_bytes) {
  Reader reader(bytes, "the directory of a pack");
  TRY(read_start(reader, kDirectoryMagic, "the directory of a pack"));
  std::vector<PackEntry> entries = read_entries(reader);
  if (const auto why = wrong_with(entries, blobs_bytes); reader.ok() && !why.empty())
    reader.fail(why);
  TRY(reader.finish());
  return entries;
}

Bytes encode_pack_footer(std::uint32_t sealed_directory_bytes) {
  Writer writer;
  writer.u32(sealed_directory_bytes);
  writer.raw(as_bytes(kFooterMagic));
  return writer.take();
}

Result<std::uint32_t> decode_pack_footer(ByteSpan bytes) {
  Reader reader(bytes, "the end of a pack");
  const std::uint32_t size = reader.u32();
  if (as_text(reader.raw(kFooterMagic.size())) != kFooterMagic)
    reader.fail("it does not end as one does");
  if (size == 0 || size > kMaxPackBytes) reader.fail("its directory has an impossible size");
  TRY(reader.finish());
  return size;
}

Bytes encode_catalog(const Catalog& catalog) {
  CHECK(catalog.packs.size() <= kMaxCatalogPacks && wrong_with(catalog).empty());
  Writer writer;
  writer.raw(as_bytes(kCatalogMagic));
  writer.u8(kFormat);
  writer.varint(catalog.packs.size());
  for (const CatalogPack& pack : catalog.packs) {
    writer.id(pack.pack);
    write_entries(writer, pack.entries);
  }
  return writer.take();
}

Result<Catalog> decode_catalog(ByteSpan bytes) {
  Reader reader(bytes, "a catalog");
  TRY(read_start(reader, kCatalogMagic, "a catalog"));
  const std::uint64_t count = reader.varint_max(kMaxCatalogPacks);
  Catalog catalog;
  for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
    CatalogPack pack;
    pack.pack = reader.id<Uuid>();
    pack.entries = read_entries(reader);
    catalog.packs.push_back(std::move(pack));
  }
  if (const auto why = wrong_with(catalog); reader.ok() && !why.empty()) reader.fail(why);
  TRY(reader.finish());
  return catalog;
}

std::string pack_name(const Uuid& pack) {
  return std::string(kPacksPrefix) + format_uuid(pack.bytes());
}

std::string catalog_name(const Uuid& catalog) {
  return std::string(kCatalogsPrefix) + format_uuid(catalog.bytes());
}

std::optional<Uuid> id_in_name(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return std::nullopt;
  return parse_uuid(name.substr(prefix.size()));
}

}  // namespace mikura

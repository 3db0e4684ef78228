// Packs and catalogs: many small blobs in one object, and where each lies (docs/format.md,
// "Packs").
//
// A pack is sealed blobs back to back, each exactly as it would be stored alone (sealed under the
// name of its own content), then the sealed directory, then a footer in the clear that says where
// the directory begins. So one blob can be read by its range, and a lost catalog can be made again
// from the packs alone. A catalog is the directories of many packs in one sealed object; HEAD names
// the catalogs. Both only say where to look: what is read is authenticated under its own name.
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/id.h"
#include "base/result.h"
#include "crypto/hash.h"
#include "crypto/uuid.h"

namespace mikura {

// One blob of a pack: its content, and where its sealed form lies.
struct PackEntry {
  Sha256Digest content;
  std::uint32_t offset_bytes = 0;
  std::uint32_t size_bytes = 0;  // sealed
  friend bool operator==(const PackEntry&, const PackEntry&) = default;
};

struct CatalogPack {
  Uuid pack;
  std::vector<PackEntry> entries;  // ascending by offset, not overlapping, not empty
  friend bool operator==(const CatalogPack&, const CatalogPack&) = default;
};

struct Catalog {
  std::vector<CatalogPack> packs;  // ascending by id, no two equal, not empty
  friend bool operator==(const Catalog&, const Catalog&) = default;
};

inline constexpr std::uint64_t kMaxPackBytes = 16ULL << 20;  // with directory and footer
inline constexpr std::size_t kMaxPackEntries = 16'384;
inline constexpr std::size_t kMaxCatalogPacks = 4'096;
inline constexpr std::size_t kMaxCatalogEntries = 262'144;  // of all packs together
inline constexpr std::uint64_t kMaxCatalogBytes = 12ULL << 20;
inline constexpr std::uint64_t kMaxPackDirectoryBytes = 1ULL << 20;
inline constexpr std::size_t kPackFooterBytes = 8;

Bytes encode_pack_directory(const std::vector<PackEntry>& entries);
// Code::corrupt also if an entry does not lie within the first `blobs_bytes` of the pack.
Result<std::vector<PackEntry>> decode_pack_directory(ByteSpan bytes, std::uint64_t blobs_bytes);

// The last bytes of a pack: how long the sealed directory before them is. Believed only as a place
// to look.
Bytes encode_pack_footer(std::uint32_t sealed_directory_bytes);
Result<std::uint32_t> decode_pack_footer(ByteSpan bytes);

Bytes encode_catalog(const Catalog& catalog);
Result<Catalog> decode_catalog(ByteSpan bytes);

std::string pack_name(const Uuid& pack);        // "packs/<uuid>"
std::string catalog_name(const Uuid& catalog);  // "catalogs/<uuid>"
inline constexpr std::string_view kPacksPrefix = "packs/";
inline constexpr std::string_view kCatalogsPrefix = "catalogs/";
// The id in such a name; nullopt if it is none.
std::optional<Uuid> id_in_name(std::string_view name, std::string_view prefix);

}  // namespace mikura

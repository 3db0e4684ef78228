// Packs and catalogs in the store: written once under fresh names, found through HEAD, and found
// again without catalogs.
#include <fmt/format.h>

#include "base/check.h"
#include "base/log.h"
#include "vault/sealed_bound.h"
#include "vault/vault.h"

namespace mikura {
namespace {

bool is_damage(const Error& error) {
  return error.code() == Code::corrupt || error.code() == Code::not_found;
}

}  // namespace

Result<CatalogPack> Vault::write_pack(Bytes blobs, std::vector<PackEntry> entries,
                                      std::stop_token stop) const {
  CatalogPack pack{environment_.random.make_id<Uuid>(), std::move(entries)};
  const std::string name = pack_name(pack.pack);
  const Bytes directory =
      seal_object(name, ObjectType::pack_directory, encode_pack_directory(pack.entries));
  append(blobs, directory);
  append(blobs, encode_pack_footer(static_cast<std::uint32_t>(directory.size())));
  CHECK(blobs.size() <= kMaxObjectSizeBytes);
  TRY(put_once(name, blobs, stop));
  return pack;
}

Result<std::string> Vault::write_catalog(const Catalog& catalog, std::stop_token stop) const {
  std::string name = catalog_name(environment_.random.make_id<Uuid>());
  const Bytes object = seal_object(name, ObjectType::catalog, encode_catalog(catalog));
  TRY(put_once(name, object, stop));
  if (environment_.cache != nullptr) environment_.cache->put(name, object);
  return name;
}

Result<std::optional<BlobPlace>> Vault::find_in_packs(const Sha256Digest& content,
                                                      std::stop_token stop) const {
  if (!packs_.with([](PackMap& map) { return map.is_complete(); })) TRY(load_catalogs(stop));
  return packs_.with([&](PackMap& map) { return map.find(content); });
}

Result<Bytes> Vault::read_pack(const Uuid& pack, std::uint64_t offset, std::uint64_t length,
                               std::stop_token stop) const {
  const std::string name = pack_name(pack);
  auto bytes = store_.get_range(name, offset, length, stop);
  if (bytes.failed_with(Code::not_found)) {
    return Error(Code::corrupt,
                 fmt::format("the object {} is missing from {}", name, store_.describe()))
        .with_hint("Something removed it from the store; a copy of the object can be put back.");
  }
  if (!bytes) return std::move(bytes).error();
  if (bytes->size() != length) {
    return Error(Code::corrupt, fmt::format("the object {} is shorter than its catalog says", name))
        .with_hint("The object was damaged in the store.");
  }
  return bytes;
}

// One thread fetches; the others wait for it, and then find nothing left to do.
Result<void> Vault::load_catalogs(std::stop_token stop) const {
  const std::lock_guard loading(loading_);
  const auto names = packs_.with([](PackMap& map) { return map.missing(); });
  bool lost = false;
  for (const std::string& name : names) {
    auto catalog = read_catalog(name, stop);
    if (catalog) {
      packs_.with([&](PackMap& map) { map.add(name, *catalog); });
    } else if (is_damage(catalog.error())) {
      log_info(fmt::format("{}: {}; the packs are asked instead", name, catalog.error().message()));
      lost = true;
    } else {
      return std::move(catalog).error();
    }
  }
  if (!lost) return {};
  TRY(read_directories(stop));
  packs_.with([&](PackMap& map) {
    for (const std::string& name : names)
      map.give_up(name);
  });
  return {};
}

Result<Catalog> Vault::read_catalog(const std::string& name, std::stop_token stop) const {
  const auto decode = [&](ByteSpan object) -> Result<Catalog> {
    TRY_ASSIGN(const Bytes encoded,
               open_object(name, ObjectType::catalog, object, kMaxCatalogBytes));
    return decode_catalog(encoded);
  };
  if (environment_.cache != nullptr) {
    if (const auto cached = environment_.cache->get(name)) {
      if (auto catalog = decode(*cached)) return catalog;
    }
  }
  if (!id_in_name(name, kCatalogsPrefix))
    return Error(Code::corrupt, "HEAD names a catalog that can be none: " + name);
  TRY_ASSIGN(const Blob blob, get_whole(store_, name, sealed_bound(kMaxCatalogBytes), stop));
  TRY_ASSIGN(Catalog catalog, decode(blob.data));
  if (environment_.cache != nullptr) environment_.cache->put(name, blob.data);
  return catalog;
}

Result<void> Vault::read_directories(std::stop_token stop) const {
  TRY_ASSIGN(const auto packs, list_all(store_, kPacksPrefix, stop));
  for (const ListedBlob& listed : packs) {
    const auto id = id_in_name(listed.name, kPacksPrefix);
    if (!id || packs_.with([&](PackMap& map) { return map.knows(*id); })) continue;
    auto entries = read_directory(listed, stop);
    if (entries) {
      packs_.with([&](PackMap& map) { map.add({*id, *std::move(entries)}); });
    } else if (is_damage(entries.error())) {
      log_info(fmt::format("{}: {}", listed.name, entries.error().message()));
    } else {
      return std::move(entries).error();
    }
  }
  return {};
}

Result<std::vector<PackEntry>> Vault::read_directory(const ListedBlob& pack,
                                                     std::stop_token stop) const {
  if (pack.size_bytes <= kPackFooterBytes || pack.size_bytes > kMaxObjectSizeBytes)
    return Error(Code::corrupt, "a pack has an impossible size");
  const std::uint64_t before_footer = pack.size_bytes - kPackFooterBytes;
  TRY_ASSIGN(const Bytes footer,
             store_.get_range(pack.name, before_footer, kPackFooterBytes, stop));
  TRY_ASSIGN(const std::uint32_t size, decode_pack_footer(footer));
  if (size > before_footer || size > sealed_bound(kMaxPackDirectoryBytes))
    return Error(Code::corrupt, "the directory of a pack has an impossible size");
  TRY_ASSIGN(const Bytes sealed, store_.get_range(pack.name, before_footer - size, size, stop));
  TRY_ASSIGN(const Bytes encoded,
             open_object(pack.name, ObjectType::pack_directory, sealed, kMaxPackDirectoryBytes));
  return decode_pack_directory(encoded, before_footer - size);
}

}  // namespace mikura

// Versions in the store: the object indexes/<uuid>, and the segments of large ones.
#include <fmt/format.h>

#include "crypto/hash.h"
#include "vault/sealed_bound.h"
#include "vault/vault.h"

namespace mikura {

Result<IndexRoot> Vault::decode_root(ByteSpan encoded, const VersionId& version,
                                     const Sha256Digest& index_sha256) const {
  const std::string name = index_name(version);
  if (sha256(encoded) != index_sha256) {
    return Error(Code::corrupt,
                 fmt::format("the object {} is not the version that the history names", name))
        .with_hint("The store offers another content under that name.");
  }
  auto root = decode_index_root(encoded);
  if (!root) return std::move(root).error().with_context(name);
  if (root->index.version != version || root->index.repository != config_.id) {
    return Error(Code::corrupt, fmt::format("the object {} describes another version", name));
  }
  return root;
}

Result<LoadedRoot> Vault::read_index_root(const VersionId& version,
                                          const Sha256Digest& index_sha256,
                                          std::stop_token stop) const {
  TRY_ASSIGN(Bytes encoded, read_sealed(index_name(version), ObjectType::index,
                                        sealed_bound(kMaxIndexBytes), kMaxIndexBytes, stop));
  TRY_ASSIGN(IndexRoot root, decode_root(encoded, version, index_sha256));
  return LoadedRoot{std::move(root), std::move(encoded)};
}

Result<LoadedIndex> Vault::read_index(const VersionId& version, const Sha256Digest& index_sha256,
                                      std::stop_token stop) const {
  TRY_ASSIGN(LoadedRoot loaded, read_index_root(version, index_sha256, stop));
  Index& index = loaded.root.index;
  SegmentedEntries stream(loaded.root.segments,
                          [&](const SegmentRef& segment) { return read_segment(segment, stop); });
  for (;;) {
    TRY_ASSIGN(const Entry* entry, stream.next());
    if (entry == nullptr) break;
    index.entries.push_back(*entry);
  }
  return LoadedIndex{std::move(index), std::move(loaded.encoded)};
}

Result<Bytes> Vault::read_segment(const SegmentRef& segment, std::stop_token stop) const {
  const auto alone = [&]() -> Result<Bytes> {
    return read_sealed(name_of(segment.sha256), ObjectType::index_segment,
                       sealed_bound(segment.size_bytes), segment.size_bytes, stop);
  };
  TRY_ASSIGN(const auto place, find_in_packs(segment.sha256, stop));
  if (!place) return alone();
  const auto packed = [&]() -> Result<Bytes> {
    TRY_ASSIGN(const Bytes sealed,
               read_pack(place->pack, place->offset_bytes, place->size_bytes, stop));
    return open_segment(segment, sealed);
  }();
  if (!packed.failed_with(Code::corrupt)) return packed;
  // Perhaps it was also stored alone: then nothing is lost.
  if (auto other = alone()) return other;
  return Error(packed.error()).with_context("reading " + pack_name(place->pack));
}

Result<Bytes> Vault::open_segment(const SegmentRef& segment, ByteSpan sealed) const {
  return open_object(name_of(segment.sha256), ObjectType::index_segment, sealed,
                     segment.size_bytes);
}

Bytes Vault::seal_segment(const Sha256Digest& sha256, ByteSpan encoded) const {
  return seal_object(name_of(sha256), ObjectType::index_segment, encoded);
}

Result<std::uint64_t> Vault::write_segment(const Sha256Digest& sha256, ByteSpan encoded,
                                           std::stop_token stop) const {
  const Bytes object = seal_segment(sha256, encoded);
  TRY(store_.put(name_of(sha256), object, PutCondition::none(), stop));
  return object.size();
}

}  // namespace mikura

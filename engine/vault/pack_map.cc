#include "vault/pack_map.h"

#include <algorithm>
#include <tuple>

namespace mikura {

void PackMap::want(std::uint64_t generation, const std::vector<std::string>& catalogs) {
  if (generation < generation_) return;
  generation_ = generation;
  wanted_ = catalogs;
  complete_ = missing().empty();
}

void PackMap::give_up(const std::string& name) {
  done_.insert(name);
  complete_ = missing().empty();
}

std::vector<std::string> PackMap::missing() const {
  std::vector<std::string> names;
  for (const std::string& name : wanted_) {
    if (!done_.contains(name)) names.push_back(name);
  }
  return names;
}

void PackMap::add(const std::string& name, const Catalog& catalog) {
  for (const CatalogPack& pack : catalog.packs)
    add(pack);
  give_up(name);
}

void PackMap::add(const CatalogPack& pack) {
  if (!known_.insert(pack.pack).second) return;  // packs are immutable: the same again
  const auto number = static_cast<std::uint32_t>(packs_.size());
  packs_.push_back(pack.pack);
  for (const PackEntry& entry : pack.entries)
    rows_.push_back({entry.content, number, entry.offset_bytes, entry.size_bytes});
  sorted_ = false;
}

std::optional<BlobPlace> PackMap::find(const Sha256Digest& content) {
  if (!sorted_) {
    // Of several places the first that was learnt comes first, so that neighbours stay neighbours.
    std::ranges::sort(rows_, [](const Row& a, const Row& b) {
      return std::tie(a.content, a.pack, a.offset_bytes) <
             std::tie(b.content, b.pack, b.offset_bytes);
    });
    sorted_ = true;
  }
  const auto row = std::ranges::lower_bound(rows_, content, {}, &Row::content);
  if (row == rows_.end() || row->content != content) return std::nullopt;
  return BlobPlace{packs_[row->pack], row->offset_bytes, row->size_bytes};
}

}  // namespace mikura

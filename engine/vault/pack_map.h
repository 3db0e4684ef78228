// PackMap: where packed blobs lie, from catalogs and pack directories. Internal to vault/.
//
// Holds which catalogs the newest HEAD names and which of them have been read. One thread (Vault
// guards it). Memory: 48 bytes a blob.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "format/pack.h"

namespace mikura {

// Where a blob's sealed form lies.
struct BlobPlace {
  Uuid pack;
  std::uint32_t offset_bytes = 0;
  std::uint32_t size_bytes = 0;
};

class PackMap {
 public:
  // A HEAD of this generation names these catalogs. Older HEADs than one seen before are ignored:
  // what a newer one names is a superset.
  void want(std::uint64_t generation, const std::vector<std::string>& catalogs);
  // Those that have not been added yet.
  std::vector<std::string> missing() const;
  bool is_complete() const { return complete_; }

  // What the catalog of this name says.
  void add(const std::string& name, const Catalog& catalog);
  // A pack's own directory, in place of a catalog that cannot be read.
  void add(const CatalogPack& pack);
  // Nothing more is to be had for this catalog: missing() no longer names it.
  void give_up(const std::string& name);
  bool knows(const Uuid& pack) const { return known_.contains(pack); }

  std::optional<BlobPlace> find(const Sha256Digest& content);

 private:
  struct Row {
    Sha256Digest content;
    std::uint32_t pack = 0;  // index into packs_
    std::uint32_t offset_bytes = 0;
    std::uint32_t size_bytes = 0;
  };

  std::uint64_t generation_ = 0;
  std::vector<std::string> wanted_;
  std::set<std::string> done_;
  std::vector<Uuid> packs_;
  std::set<Uuid> known_;
  std::vector<Row> rows_;
  bool sorted_ = true;
  bool complete_ = true;
};

}  // namespace mikura

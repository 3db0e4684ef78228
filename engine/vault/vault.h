// Vault: an opened repository: everything that knows keys and names at once.
//
// Below it are bytes in a store that nobody trusts; above it are plain values that have been
// authenticated, bound to their names and checked against their hashes. Nothing is believed before
// it is authenticated; a missing or foreign object is Code::corrupt and named. Thread-safe but for
// refresh_keys() (called inside read_head): reading and writing contents may run concurrently.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/result.h"
#include "crypto/random.h"
#include "format/chunker.h"
#include "format/content.h"
#include "format/envelope.h"
#include "format/head.h"
#include "format/index.h"
#include "format/index_segments.h"
#include "format/keyring.h"
#include "format/pack.h"
#include "format/repository.h"
#include "store/blob_store.h"
#include "vault/client_memory.h"
#include "vault/pack_map.h"

namespace mikura {

// Which kinds of key the repository has slots for, so that the right one is asked for.
struct KeyKinds {
  bool key_file = false;
  bool passphrase = false;
};
using KeyCallback =
    std::function<Result<KeySource>(const RepositoryId& repository, const KeyKinds& kinds)>;

// Where immutable objects (catalogs) are kept between runs, as the store gave them. Only a cache:
// what it gives is authenticated like anything else. One call at a time.
class ObjectCache {
 public:
  virtual ~ObjectCache() = default;
  virtual std::optional<Bytes> get(std::string_view name) = 0;
  virtual void put(std::string_view name, ByteSpan object) = 0;
};

struct VaultEnvironment {
  Clock& clock;
  Random& random;
  std::string client_folder;  // what this client remembers, outside every workspace
  DeviceId device;
  ObjectCache* cache = nullptr;  // may be missing; outlives the vault
};

// Objects kept from an earlier run, so that opening needs no request. Empty members are fetched.
struct KeyObjects {
  Bytes repository;
  std::string slot_name;
  Bytes slot;
  bool complete() const { return !repository.empty() && !slot.empty(); }
};

// Beyond this, packs would make HEAD large: every reader of HEAD pays for each name.
inline constexpr std::size_t kMaxCatalogsForPacking = 256;

struct CreateOptions {
  NamingScheme naming = NamingScheme::hmac_sha256;
  bool single_writer = false;
  PasswordParameters password;  // for a passphrase
};

// HEAD as read and verified, with what is needed to replace it.
struct OpenedHead {
  Head head;
  std::string etag;
  Bytes object;  // as stored, for the cache
};

struct LoadedIndex {
  Index index;
  Bytes encoded;  // canonical, for the cache
};

// The object of a version, without what lies in its segments.
struct LoadedRoot {
  IndexRoot root;
  Bytes encoded;  // canonical, for the cache
};

class Vault {
 public:
  // Creates a repository in `store`: probe, `repository`, one key slot, an empty HEAD.
  // Code::already_exists if there is one. An interrupted creation is taken up again. Returns the
  // objects to cache.
  static Result<KeyObjects> create(BlobStore& store, const CreateOptions& options,
                                   const KeySource& key, const VaultEnvironment& environment,
                                   std::stop_token stop);

  // Opens it. Asks for the key once. Writes nothing. Code::not_found if there is no repository,
  // Code::wrong_key, Code::corrupt.
  static Result<std::unique_ptr<Vault>> open(BlobStore& store, KeyObjects cached,
                                             const KeyCallback& key,
                                             const VaultEnvironment& environment,
                                             std::stop_token stop);

  const RepositoryConfig& config() const { return config_; }
  const KeyObjects& key_objects() const { return objects_; }
  const ClientMemory& memory() const { return *memory_; }

  // Reads HEAD (one conditional request if `cached` is given), authenticates it, checks that it
  // descends from what this client last saw, and only then remembers it. Code::rollback if it does
  // not.
  Result<OpenedHead> read_head(const OpenedHead* cached, std::stop_token stop);
  // Opens a cached HEAD object without a request. Not checked against the memory.
  Result<OpenedHead> open_cached_head(Bytes object, std::string etag) const;

  // All of a version, from the store alone, one segment after the other.
  Result<LoadedIndex> read_index(const VersionId& version, const Sha256Digest& index_sha256,
                                 std::stop_token stop) const;
  Result<LoadedRoot> read_index_root(const VersionId& version, const Sha256Digest& index_sha256,
                                     std::stop_token stop) const;
  // The encoded segment, from its pack or from an object of its own. That it is the right one is
  // checked by who decodes it (SegmentedEntries).
  Result<Bytes> read_segment(const SegmentRef& segment, std::stop_token stop) const;
  // The same from its sealed bytes.
  Result<Bytes> open_segment(const SegmentRef& segment, ByteSpan sealed) const;
  Bytes seal_segment(const Sha256Digest& sha256, ByteSpan encoded) const;
  Result<std::uint64_t> write_segment(const Sha256Digest& sha256, ByteSpan encoded,
                                      std::stop_token stop) const;
  // Where this repository's versions are cut into segments.
  CutKey cut_key() const { return derive_cut_key(keyring_.chunk_key); }

  // The plaintext of a blob, of exactly `size_bytes`, verified against its SHA-256; from its pack,
  // or from an object of its own.
  Result<Bytes> read_blob(const Sha256Digest& content, std::uint64_t size_bytes,
                          std::stop_token stop) const;
  // Where a blob lies in a pack; nullopt if it is an object of its own, for all that the catalogs
  // of the newest HEAD read so far say. Reads catalogs when they are first needed; a missing or
  // damaged one is made up for by reading the directories of the packs.
  Result<std::optional<BlobPlace>> find_in_packs(const Sha256Digest& content,
                                                 std::stop_token stop) const;
  // Bytes of a pack, to read neighbours with one request. Each blob in them is opened by
  // open_blob().
  Result<Bytes> read_pack(const Uuid& pack, std::uint64_t offset, std::uint64_t length,
                          std::stop_token stop) const;
  // As read_blob, from its sealed bytes.
  Result<Bytes> open_blob(const Sha256Digest& content, std::uint64_t size_bytes,
                          ByteSpan sealed) const;
  // The encoding of a chunk list, of either format, verified against its hash.
  Result<Bytes> read_chunk_list(const Sha256Digest& content, std::stop_token stop) const;

  // Stores a content under its name; returns the bytes sent. CHECKs nothing: the caller has
  // computed `content` from `data`.
  Result<std::uint64_t> write_blob(const Sha256Digest& content, ByteSpan data,
                                   std::stop_token stop) const;
  // A blob as it goes into a pack: sealed, of at most the blob's size and an eighth more and 1 KiB.
  Bytes seal_blob(const Sha256Digest& content, ByteSpan data) const;
  // Stores a blob that was sealed before as an object of its own.
  Result<void> write_sealed_blob(const Sha256Digest& content, ByteSpan sealed,
                                 std::stop_token stop) const;
  // Stores sealed blobs as one pack. `blobs` are their bytes, `entries` say where each begins. It
  // counts only once a catalog that HEAD names has it: write_catalog, then publish.
  Result<CatalogPack> write_pack(Bytes blobs, std::vector<PackEntry> entries,
                                 std::stop_token stop) const;
  // Stores a catalog under a new name, which it returns.
  Result<std::string> write_catalog(const Catalog& catalog, std::stop_token stop) const;
  // False once HEAD names so many catalogs that blobs are better stored alone.
  bool takes_packs(const Head& head) const { return head.catalogs.size() < kMaxCatalogsForPacking; }

  Result<std::uint64_t> write_chunk_list(const Sha256Digest& content, ByteSpan encoded,
                                         std::stop_token stop) const;
  // What is published from now on can be read only by who knows this format of repository.
  void require_format(std::uint32_t format);
  // Where this repository's large files are cut.
  const GearTable& gear() const { return gear_; }
  // Everything written is durable.
  Result<void> flush(std::stop_token stop) const { return store_.flush(stop); }

  // Publishes `index` (its parent is `on`; `encoded` is encode_index or encode_index_root of it) by
  // compare-and-swap. The contents and segments it needs must be stored, those in packs in a
  // catalog that HEAD names already or that is in `new_catalogs`. Flushes first. Code::conflict if
  // somebody else published meanwhile: read HEAD and plan again. A lost answer is resolved by
  // reading. The HEAD returned is ours, or a later one that descends from ours.
  Result<OpenedHead> publish(const OpenedHead& on, const Index& index, ByteSpan encoded,
                             const std::vector<std::string>& new_catalogs, std::stop_token stop);

  // Version-log records, newest first, from `head` on; returning false ends the walk. Reads older
  // log segments as needed.
  Result<void> walk_log(const Head& head, const std::function<bool(const LogRecord&)>& each,
                        std::stop_token stop) const;

  // The name under which a content is stored.
  std::string name_of(const Sha256Digest& content) const;

 private:
  Vault(BlobStore& store, const VaultEnvironment& environment, RepositoryConfig config,
        KeyObjects objects, KeySource key, Keyring keyring);

  Result<Bytes> read_sealed(std::string_view name, ObjectType type, std::uint64_t max_object_bytes,
                            std::uint64_t max_payload_bytes, std::stop_token stop) const;
  Result<Bytes> open_object(std::string_view name, ObjectType type, ByteSpan object,
                            std::uint64_t max_payload_bytes) const;
  Bytes seal_object(std::string_view name, ObjectType type, ByteSpan payload) const;
  Result<OpenedHead> open_head(Bytes object, std::string etag) const;
  Result<void> refresh_keys(std::stop_token stop);
  Result<void> check_descent(const Head& head, std::stop_token stop) const;
  Result<void> remember(const Head& head) const;
  Result<Head> next_head(const Head& before, const Index& index, ByteSpan encoded,
                         const std::vector<std::string>& new_catalogs, std::stop_token stop) const;
  Result<IndexRoot> decode_root(ByteSpan encoded, const VersionId& version,
                                const Sha256Digest& index_sha256) const;
  Result<Bytes> read_alone(const Sha256Digest& content, std::uint64_t size_bytes,
                           std::stop_token stop) const;
  Result<void> put_once(std::string_view name, ByteSpan object, std::stop_token stop) const;
  Result<void> load_catalogs(std::stop_token stop) const;
  Result<Catalog> read_catalog(const std::string& name, std::stop_token stop) const;
  Result<void> read_directories(std::stop_token stop) const;
  Result<std::vector<PackEntry>> read_directory(const ListedBlob& pack, std::stop_token stop) const;
  Result<void> put_index(const Index& index, ByteSpan encoded, std::stop_token stop) const;
  Result<OpenedHead> settle(const OpenedHead& ours, Error error, std::stop_token stop);

  BlobStore& store_;
  VaultEnvironment environment_;
  RepositoryConfig config_;
  KeyObjects objects_;
  KeySource key_;
  Keyring keyring_;
  const GearTable gear_;
  std::atomic<std::uint32_t> required_format_ = 1;
  std::unique_ptr<ClientMemory> memory_;
  mutable Guarded<PackMap> packs_;
  mutable std::mutex loading_;  // held while catalogs are fetched
};

}  // namespace mikura

// BlobStore: what Mikura needs of a store, and nothing more.
//
// Implementations: memory_store, dir_store (file://), s3_store; decorators: retrying, limiting,
// tracing, faulty. open_store (store/open_store.h) assembles them. All pass one shared suite
// (store/blob_store_suite.h).
//
// Required of every implementation:
// * Thread-safe: any number of concurrent calls, also on one name.
// * Atomic: no reader ever sees part of an object; an overwrite is seen whole or not at all.
// * Read-after-write: a put that was answered is seen by every later get and list, from every
// process.
// * Conditional puts are linearizable: of any number of racing if_absent puts to one name exactly
// one
//   succeeds; of racing if_match puts with one etag exactly one succeeds. (A server that ignores
//   conditions breaks this; vault/probe.h finds out.)
// * An etag is opaque. It changes whenever the bytes change.
// * A conditional put is durable when it returns. An unconditional put is durable after flush().
// * An error leaves the object as it was, except Code::transient on a put, after which it may hold
// the old or the new
//   bytes: the caller finds out by reading.
// * A call whose stop is requested before it begins does nothing and answers Code::cancelled; one
// that is stopped later
//   may answer so, and a put is then as after Code::transient.
// * Nothing read from a store is trusted: sizes are bounded by max_size_bytes before memory is
// allocated.
//
// Names: 1 to 512 bytes of [a-z0-9A-Z._/-] in components between '/', each of 1 to 200 bytes and
// not starting with '.' (so that a name is also a path in a folder: ".", "..", hidden files and
// file-name limits need no second thought). Names come from this program only and are CHECKed
// (valid_blob_name). No name is a folder of another: who stores "a/b" never stores "a".
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace mikura {

// No object of a repository is larger than this: 16 MiB of content and what sealing adds.
inline constexpr std::uint64_t kMaxObjectSizeBytes = 24ULL << 20;

struct Blob {
  Bytes data;
  std::string etag;
};

struct GetOptions {
  // Code::corrupt if the object (or range) is larger.
  std::uint64_t max_size_bytes = kMaxObjectSizeBytes;
  // Ask only for a change: the answer is nullopt if the object still has this etag.
  std::string unless_etag;
};

struct PutCondition {
  enum class Kind { none, if_absent, if_match };
  Kind kind = Kind::none;
  std::string etag;  // for if_match

  static PutCondition none() { return {}; }
  static PutCondition if_absent() { return {Kind::if_absent, {}}; }
  static PutCondition if_match(std::string etag) { return {Kind::if_match, std::move(etag)}; }
};

struct ListedBlob {
  std::string name;
  std::uint64_t size_bytes = 0;
  std::string etag;
  std::int64_t modified_unix_ms = 0;  // the storage's clock
};

struct ListPage {
  std::vector<ListedBlob> blobs;  // ascending by name (bytes)
  std::string next;               // where the next page starts; empty at the end
};

class BlobStore {
 public:
  virtual ~BlobStore() = default;

  // The whole object; nullopt only if options.unless_etag matches. Code::not_found if there is
  // none.
  virtual Result<std::optional<Blob>> get(std::string_view name, const GetOptions& options,
                                          std::stop_token stop) = 0;

  // Bytes [offset, offset + length) of the object; fewer, down to none, if it ends earlier.
  // Code::not_found if there is no object. `length` is at most kMaxObjectSizeBytes.
  virtual Result<Bytes> get_range(std::string_view name, std::uint64_t offset, std::uint64_t length,
                                  std::stop_token stop) = 0;

  // Stores the object and returns its new etag. Code::already_exists if if_absent finds one;
  // Code::conflict if if_match finds another etag or no object.
  virtual Result<std::string> put(std::string_view name, ByteSpan data,
                                  const PutCondition& condition, std::stop_token stop) = 0;

  // Removes the object; removing what is not there is fine, so that a removal can be repeated. With
  // `if_etag`: Code::conflict if the object has another etag; Code::unsupported if the store cannot
  // check. Some servers remove whatever the etag: rely on it only where the probe of the repository
  // (vault/probe.h) found it to work.
  virtual Result<void> remove(std::string_view name, const std::optional<std::string>& if_etag,
                              std::stop_token stop) = 0;

  // One page of the objects whose names start with `prefix` (a text prefix, need not end at '/';
  // may be empty), from `start` (empty, or the `next` of the page before), of at most 1000. Objects
  // that come or go between two pages may or may not be seen; all others are seen exactly once.
  virtual Result<ListPage> list(std::string_view prefix, std::string_view start,
                                std::stop_token stop) = 0;

  // When it returns, all puts answered before it began are durable. A no-op where every put is.
  virtual Result<void> flush(std::stop_token stop) = 0;

  // For people, without credentials: "file:///data/store", "s3://bucket/prefix
  // (http://127.0.0.1:9000)".
  virtual std::string describe() const = 0;
};

bool valid_blob_name(std::string_view name);

// The object, which must be there. `get` without the "unchanged" case.
Result<Blob> get_whole(BlobStore& store, std::string_view name, std::uint64_t max_size_bytes,
                       std::stop_token stop);

// All pages of a listing. For prefixes known to be small (keys/).
Result<std::vector<ListedBlob>> list_all(BlobStore& store, std::string_view prefix,
                                         std::stop_token stop);

}  // namespace mikura

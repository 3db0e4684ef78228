// A BlobStore in memory: for tests, simulation and the decorators' tests.
//
// Thread-safe. Handles share one MemoryStorage as processes share a bucket. Etags are a counter, so
// every put has its own.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/guarded.h"
#include "store/blob_store.h"

namespace mikura {

class MemoryStorage {
 public:
  // `clock` is what listings show as the storage's clock; it must outlive the storage.
  explicit MemoryStorage(Clock& clock = system_clock()) : clock_(clock) {}

 private:
  friend class MemoryStore;
  struct Object {
    std::shared_ptr<const Bytes> data;  // shared, so that no bytes are copied under the lock
    std::string etag;
    std::int64_t modified_unix_ms = 0;
  };
  struct Objects {
    std::map<std::string, Object, std::less<>> by_name;
    std::uint64_t last_etag = 0;
  };

  Clock& clock_;
  Guarded<Objects> objects_;
};

class MemoryStore final : public BlobStore {
 public:
  MemoryStore() : storage_(std::make_shared<MemoryStorage>()) {}
  explicit MemoryStore(std::shared_ptr<MemoryStorage> storage) : storage_(std::move(storage)) {}

  Result<std::optional<Blob>> get(std::string_view name, const GetOptions& options,
                                  std::stop_token stop) override;
  Result<Bytes> get_range(std::string_view name, std::uint64_t offset, std::uint64_t length,
                          std::stop_token stop) override;
  Result<std::string> put(std::string_view name, ByteSpan data, const PutCondition& condition,
                          std::stop_token stop) override;
  Result<void> remove(std::string_view name, const std::optional<std::string>& if_etag,
                      std::stop_token stop) override;
  Result<ListPage> list(std::string_view prefix, std::string_view start,
                        std::stop_token stop) override;
  Result<void> flush(std::stop_token stop) override;
  std::string describe() const override { return "memory"; }

 private:
  Result<MemoryStorage::Object> find(std::string_view name) const;

  std::shared_ptr<MemoryStorage> storage_;
};

}  // namespace mikura

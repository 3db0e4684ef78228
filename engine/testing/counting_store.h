// A decorator that counts what a store is asked for: requests, bytes, and how many requests came
// one after the other. Answers slowly, so that what is sent together overlaps. Thread-safe.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "store/blob_store.h"

namespace mikura {

class CountingStore final : public BlobStore {
 public:
  explicit CountingStore(std::unique_ptr<BlobStore> inner,
                         std::chrono::milliseconds latency = std::chrono::milliseconds(30))
      : inner_(std::move(inner)), latency_(latency) {}

  struct Counts {
    unsigned reads = 0;   // get, get_range
    unsigned writes = 0;  // put, remove, list: the dearer class
    // A request that begins after another has ended could have needed it: the longest such row.
    unsigned in_a_row = 0;
    std::uint64_t sent_bytes = 0;
    std::uint64_t received_bytes = 0;
    std::uint64_t largest_index_bytes = 0;
    unsigned requests() const { return reads + writes; }
  };

  // Since the last time.
  Counts take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(counts_, {});
  }

  Result<std::optional<Blob>> get(std::string_view name, const GetOptions& options,
                                  std::stop_token stop) override {
    const Request request(*this, false);
    auto blob = inner_->get(name, options, stop);
    if (blob && *blob) received((*blob)->data.size());
    return blob;
  }
  Result<Bytes> get_range(std::string_view name, std::uint64_t offset, std::uint64_t length,
                          std::stop_token stop) override {
    const Request request(*this, false);
    auto bytes = inner_->get_range(name, offset, length, stop);
    if (bytes) received(bytes->size());
    return bytes;
  }
  Result<std::string> put(std::string_view name, ByteSpan data, const PutCondition& condition,
                          std::stop_token stop) override {
    const Request request(*this, true);
    {
      const std::lock_guard lock(mutex_);
      counts_.sent_bytes += data.size();
      if (name.starts_with("indexes/")) {
        counts_.largest_index_bytes =
            std::max<std::uint64_t>(counts_.largest_index_bytes, data.size());
      }
    }
    return inner_->put(name, data, condition, stop);
  }
  Result<void> remove(std::string_view name, const std::optional<std::string>& etag,
                      std::stop_token stop) override {
    const Request request(*this, true);
    return inner_->remove(name, etag, stop);
  }
  Result<ListPage> list(std::string_view prefix, std::string_view start,
                        std::stop_token stop) override {
    const Request request(*this, true);
    return inner_->list(prefix, start, stop);
  }
  Result<void> flush(std::stop_token stop) override { return inner_->flush(stop); }
  std::string describe() const override { return inner_->describe(); }

 private:
  class Request {
   public:
    Request(CountingStore& store, bool is_write) : store_(store) {
      {
        const std::lock_guard lock(store_.mutex_);
        ++(is_write ? store_.counts_.writes : store_.counts_.reads);
        place_ = store_.counts_.in_a_row + 1;
      }
      std::this_thread::sleep_for(store_.latency_);
    }
    ~Request() {
      const std::lock_guard lock(store_.mutex_);
      store_.counts_.in_a_row = std::max(store_.counts_.in_a_row, place_);
    }
    Request(const Request&) = delete;
    Request& operator=(const Request&) = delete;

   private:
    CountingStore& store_;
    unsigned place_ = 0;
  };

  void received(std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    counts_.received_bytes += bytes;
  }

  std::unique_ptr<BlobStore> inner_;
  const std::chrono::milliseconds latency_;
  std::mutex mutex_;
  Counts counts_;
};

}  // namespace mikura

#include "store/limiting_store.h"

#include <condition_variable>
#include <mutex>
#include <utility>

#include "base/check.h"

namespace mikura {
namespace {

// std::counting_semaphore hears no stop.
class Turns {
 public:
  explicit Turns(unsigned count) : free_(count) { CHECK(count > 0); }

  Result<void> take(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    if (!returned_.wait(lock, stop, [&] { return free_ > 0; })) {
      return Error(Code::cancelled, "stopped while waiting for other requests");
    }
    --free_;
    return {};
  }

  void give_back() {
    {
      const std::lock_guard lock(mutex_);
      ++free_;
    }
    returned_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any returned_;
  unsigned free_;
};

class LimitingStore final : public BlobStore {
 public:
  LimitingStore(std::unique_ptr<BlobStore> inner, unsigned max_concurrent_requests)
      : inner_(std::move(inner)), turns_(max_concurrent_requests) {}

  Result<std::optional<Blob>> get(std::string_view name, const GetOptions& options,
                                  std::stop_token stop) override {
    return in_turn(stop, [&] { return inner_->get(name, options, stop); });
  }

  Result<Bytes> get_range(std::string_view name, std::uint64_t offset, std::uint64_t length,
                          std::stop_token stop) override {
    return in_turn(stop, [&] { return inner_->get_range(name, offset, length, stop); });
  }

  Result<std::string> put(std::string_view name, ByteSpan data, const PutCondition& condition,
                          std::stop_token stop) override {
    return in_turn(stop, [&] { return inner_->put(name, data, condition, stop); });
  }

  Result<void> remove(std::string_view name, const std::optional<std::string>& if_etag,
                      std::stop_token stop) override {
    return in_turn(stop, [&] { return inner_->remove(name, if_etag, stop); });
  }

  Result<ListPage> list(std::string_view prefix, std::string_view start,
                        std::stop_token stop) override {
    return in_turn(stop, [&] { return inner_->list(prefix, start, stop); });
  }

  Result<void> flush(std::stop_token stop) override {
    return in_turn(stop, [&] { return inner_->flush(stop); });
  }

  std::string describe() const override { return inner_->describe(); }

 private:
  template <class Call>
  auto in_turn(const std::stop_token& stop, const Call& call) -> decltype(call()) {
    TRY(turns_.take(stop));
    auto result = call();
    turns_.give_back();
    return result;
  }

  const std::unique_ptr<BlobStore> inner_;
  Turns turns_;
};

}  // namespace

std::unique_ptr<BlobStore> make_limiting_store(std::unique_ptr<BlobStore> inner,
                                               unsigned max_concurrent_requests) {
  return std::make_unique<LimitingStore>(std::move(inner), max_concurrent_requests);
}

}  // namespace mikura

#include "store/retrying_store.h"

#include <algorithm>
#include <random>
#include <string>
#include <utility>

#include "base/guarded.h"
#include "base/log.h"
#include "base/task_group.h"

namespace mikura {
namespace {

using std::chrono::nanoseconds;

class RetryingStore final : public BlobStore {
 public:
  RetryingStore(std::unique_ptr<BlobStore> inner, const RetryingOptions& options)
      : inner_(std::move(inner)),
        policy_(options.policy),
        clock_(options.clock != nullptr ? *options.clock : system_clock()),
        shared_(Shared{{}, std::mt19937_64(options.seed)}) {}

  Result<std::optional<Blob>> get(std::string_view name, const GetOptions& options,
                                  std::stop_token stop) override {
    return retry([&] { return inner_->get(name, options, stop); }, stop);
  }

  Result<Bytes> get_range(std::string_view name, std::uint64_t offset, std::uint64_t length,
                          std::stop_token stop) override {
    return retry([&] { return inner_->get_range(name, offset, length, stop); }, stop);
  }

  Result<std::string> put(std::string_view name, ByteSpan data, const PutCondition& condition,
                          std::stop_token stop) override {
    return retry([&] { return inner_->put(name, data, condition, stop); }, stop);
  }

  Result<void> remove(std::string_view name, const std::optional<std::string>& if_etag,
                      std::stop_token stop) override {
    return retry([&] { return inner_->remove(name, if_etag, stop); }, stop);
  }

  Result<ListPage> list(std::string_view prefix, std::string_view start,
                        std::stop_token stop) override {
    return retry([&] { return inner_->list(prefix, start, stop); }, stop);
  }

  Result<void> flush(std::stop_token stop) override {
    return retry([&] { return inner_->flush(stop); }, stop);
  }

  std::string describe() const override { return inner_->describe(); }

 private:
  struct Shared {
    RetryBudget budget;
    std::mt19937_64 random;
  };

  template <class Call>
  auto retry(const Call& call, const std::stop_token& stop) -> decltype(call()) {
    for (unsigned attempt = 1;; ++attempt) {
      auto result = call();
      if (!result.failed_with(Code::transient)) return result;
      const std::optional<nanoseconds> delay = next_delay(attempt, result.error().retry_after());
      if (!delay) {
        if (attempt == 1) return result;
        return std::move(result).error().with_context("after " + std::to_string(attempt) +
                                                      " attempts");
      }
      if (log_enabled(LogLevel::debug)) log_debug("will try again: " + result.error().message());
      if (!clock_.sleep_for(*delay, stop))
        return Error(Code::cancelled, "stopped while waiting to try again");
    }
  }

  std::optional<nanoseconds> next_delay(unsigned failed_attempts, nanoseconds retry_after) {
    return shared_.with([&](Shared& shared) -> std::optional<nanoseconds> {
      const double chance = std::uniform_real_distribution<double>(0, 1)(shared.random);
      const auto delay = retry_delay(policy_, failed_attempts, chance, retry_after);
      if (!delay) return std::nullopt;
      const auto turn = shared.budget.take(policy_, clock_.monotonic());
      if (!turn) return std::nullopt;
      return std::max(*delay, *turn);
    });
  }

  const std::unique_ptr<BlobStore> inner_;
  const RetryPolicy policy_;
  Clock& clock_;
  Guarded<Shared> shared_;
};

}  // namespace

std::unique_ptr<BlobStore> make_retrying_store(std::unique_ptr<BlobStore> inner,
                                               const RetryingOptions& options) {
  return std::make_unique<RetryingStore>(std::move(inner), options);
}

}  // namespace mikura

#include "store/tracing_store.h"

#include <chrono>
#include <utility>

#include "base/check.h"

namespace mikura {
namespace {

class TracingStore final : public BlobStore {
 public:
  TracingStore(std::unique_ptr<BlobStore> inner, StoreTrace trace, Clock& clock)
      : inner_(std::move(inner)), trace_(std::move(trace)), clock_(clock) {
    CHECK(trace_);
  }

  Result<std::optional<Blob>> get(std::string_view name, const GetOptions& options,
                                  std::stop_token stop) override {
    StoreRequest request = begin("get", name);
    const auto started = clock_.monotonic();
    auto result = inner_->get(name, options, stop);
    if (result && *result) request.received_bytes = (*result)->data.size();
    const bool unchanged = result && !*result;
    end(request, started, unchanged ? "unchanged" : outcome(result));
    return result;
  }

  Result<Bytes> get_range(std::string_view name, std::uint64_t offset, std::uint64_t length,
                          std::stop_token stop) override {
    StoreRequest request = begin("get_range", name);
    const auto started = clock_.monotonic();
    auto result = inner_->get_range(name, offset, length, stop);
    if (result) request.received_bytes = result->size();
    end(request, started, outcome(result));
    return result;
  }

  Result<std::string> put(std::string_view name, ByteSpan data, const PutCondition& condition,
                          std::stop_token stop) override {
    StoreRequest request = begin("put", name);
    request.sent_bytes = data.size();
    return traced(request, [&] { return inner_->put(name, data, condition, stop); });
  }

  Result<void> remove(std::string_view name, const std::optional<std::string>& if_etag,
                      std::stop_token stop) override {
    return traced(begin("remove", name), [&] { return inner_->remove(name, if_etag, stop); });
  }

  Result<ListPage> list(std::string_view prefix, std::string_view start,
                        std::stop_token stop) override {
    return traced(begin("list", prefix), [&] { return inner_->list(prefix, start, stop); });
  }

  Result<void> flush(std::stop_token stop) override {
    return traced(begin("flush", ""), [&] { return inner_->flush(stop); });
  }

  std::string describe() const override { return inner_->describe(); }

 private:
  static StoreRequest begin(std::string_view verb, std::string_view name) {
    StoreRequest request;
    request.verb = verb;
    request.name = name;
    return request;
  }

  template <class R>
  static std::string_view outcome(const R& result) {
    return result ? "ok" : code_name(result.error().code());
  }

  template <class Call>
  auto traced(StoreRequest request, const Call& call) -> decltype(call()) {
    const auto started = clock_.monotonic();
    auto result = call();
    end(request, started, outcome(result));
    return result;
  }

  void end(StoreRequest& request, std::chrono::nanoseconds started,
           std::string_view outcome) const {
    using std::chrono::duration_cast;
    request.duration_us =
        duration_cast<std::chrono::microseconds>(clock_.monotonic() - started).count();
    request.outcome = outcome;
    trace_(request);
  }

  const std::unique_ptr<BlobStore> inner_;
  const StoreTrace trace_;
  Clock& clock_;
};

}  // namespace

std::unique_ptr<BlobStore> make_tracing_store(std::unique_ptr<BlobStore> inner, StoreTrace trace,
                                              Clock& clock) {
  return std::make_unique<TracingStore>(std::move(inner), std::move(trace), clock);
}

}  // namespace mikura

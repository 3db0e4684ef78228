// What the probe makes of stores that are honest, that ignore conditions, and that are sound only
// while nobody else writes.
#include "vault/probe.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <utility>

#include "store/memory_store.h"

namespace mikura {
namespace {

// A memory store, but for what a test does differently.
class Altered final : public BlobStore {
 public:
  std::function<PutCondition(const PutCondition&)> condition = [](const PutCondition& c) {
    return c;
  };
  std::function<void(Blob&)> read = [](Blob&) {};
  std::atomic<unsigned> reads = 0;

  Result<std::optional<Blob>> get(std::string_view name, const GetOptions& options,
                                  std::stop_token stop) override {
    auto blob = inner_->get(name, options, std::move(stop));
    if (blob && *blob) {
      ++reads;
      read(**blob);
    }
    return blob;
  }
  Result<Bytes> get_range(std::string_view name, std::uint64_t offset, std::uint64_t length,
                          std::stop_token stop) override {
    return inner_->get_range(name, offset, length, std::move(stop));
  }
  Result<std::string> put(std::string_view name, ByteSpan data, const PutCondition& wanted,
                          std::stop_token stop) override {
    return inner_->put(name, data, condition(wanted), std::move(stop));
  }
  Result<void> remove(std::string_view name, const std::optional<std::string>& if_etag,
                      std::stop_token stop) override {
    return inner_->remove(name, if_etag, std::move(stop));
  }
  Result<ListPage> list(std::string_view prefix, std::string_view start,
                        std::stop_token stop) override {
    return inner_->list(prefix, start, std::move(stop));
  }
  Result<void> flush(std::stop_token stop) override { return inner_->flush(std::move(stop)); }
  std::string describe() const override { return "a store of the test"; }

 private:
  std::unique_ptr<BlobStore> inner_ = std::make_unique<MemoryStore>();
};

StoreCapabilities probe(BlobStore& store) {
  const auto found = probe_store(store, system_random(), {});
  EXPECT_TRUE(found) << found.error().message();
  const auto left = list_all(store, "", {});
  EXPECT_TRUE(left && left->empty()) << "the probe left something behind";
  return found ? *found : StoreCapabilities();
}

TEST(Probe, AnHonestStoreCanDoEverything) {
  Altered store;
  const StoreCapabilities can = probe(store);
  EXPECT_TRUE(can.conditional_create);
  EXPECT_TRUE(can.conditional_swap);
  EXPECT_TRUE(can.conditional_delete);
}

TEST(Probe, AStoreThatIgnoresAConditionIsRecognised) {
  Altered no_create;
  no_create.condition = [](const PutCondition& c) {
    return c.kind == PutCondition::Kind::if_absent ? PutCondition::none() : c;
  };
  EXPECT_FALSE(probe(no_create).conditional_create);
  EXPECT_TRUE(probe(no_create).conditional_swap);
  Altered no_swap;
  no_swap.condition = [](const PutCondition& c) {
    return c.kind == PutCondition::Kind::if_match ? PutCondition::none() : c;
  };
  EXPECT_TRUE(probe(no_swap).conditional_create);
  EXPECT_FALSE(probe(no_swap).conditional_swap);
}

// As versitygw does with --sidecar: bytes and etag of an object are written one after the other, so
// that a reader may get the old bytes with the new etag, and swaps them back in.
TEST(Probe, AStoreThatShowsOldBytesWithANewEtagIsRecognised) {
  Altered store;
  store.read = [&](Blob& blob) {
    const bool counts =
        !blob.data.empty() && as_text(blob.data) >= "1" && as_text(blob.data) <= "9";
    if (counts && store.reads % 3 == 0) blob.data = to_bytes("0");
  };
  EXPECT_FALSE(probe(store).conditional_swap);
}

TEST(Probe, IsStoppedAtOnce) {
  Altered store;
  std::stop_source stop;
  stop.request_stop();
  EXPECT_TRUE(probe_store(store, system_random(), stop.get_token()).failed_with(Code::cancelled));
}

}  // namespace
}  // namespace mikura

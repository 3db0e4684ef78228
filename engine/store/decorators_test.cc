// The decorators: each over memory through the shared suite, and what each adds.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "base/guarded.h"
#include "store/blob_store_suite.h"
#include "store/faulty_store.h"
#include "store/limiting_store.h"
#include "store/memory_store.h"
#include "store/retrying_store.h"
#include "store/tracing_store.h"

namespace mikura {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

using Decorate = std::function<std::unique_ptr<BlobStore>(std::unique_ptr<BlobStore>)>;

class DecoratedUnderTest final : public StorageUnderTest {
 public:
  explicit DecoratedUnderTest(Decorate decorate) : decorate_(std::move(decorate)) {}
  std::unique_ptr<BlobStore> open() override {
    return decorate_(std::make_unique<MemoryStore>(storage_));
  }

 private:
  const Decorate decorate_;
  std::shared_ptr<MemoryStorage> storage_ = std::make_shared<MemoryStorage>();
};

StoreSuiteCase decorated(std::string name, Decorate decorate) {
  return {.name = std::move(name),
          .make = [decorate] { return std::make_unique<DecoratedUnderTest>(decorate); }};
}

INSTANTIATE_TEST_SUITE_P(
    Decorators, BlobStoreSuite,
    testing::Values(
        decorated("Retrying", [](auto inner) { return make_retrying_store(std::move(inner), {}); }),
        decorated("Limiting", [](auto inner) { return make_limiting_store(std::move(inner), 2); }),
        decorated("Tracing",
                  [](auto inner) {
                    return make_tracing_store(
                        std::move(inner), [](const StoreRequest&) {}, system_clock());
                  }),
        decorated("Faulty",
                  [](auto inner) { return std::make_unique<FaultyStore>(std::move(inner)); })),
    store_case_name);

// Time that passes only by sleeping.
class SleepingClock final : public Clock {
 public:
  std::int64_t unix_ns() override { return monotonic().count(); }
  nanoseconds monotonic() override {
    return slept_.with([](const auto& slept) {
      nanoseconds sum = seconds(1);
      for (const nanoseconds each : slept)
        sum += each;
      return sum;
    });
  }
  bool sleep_for(nanoseconds duration, std::stop_token stop) override {
    slept_.with([&](auto& slept) { slept.push_back(duration); });
    return !stop.stop_requested();
  }
  std::vector<nanoseconds> slept() const {
    return slept_.with([](const auto& slept) { return slept; });
  }

 private:
  Guarded<std::vector<nanoseconds>> slept_;
};

class RetryingStoreTest : public testing::Test {
 protected:
  Error lost(milliseconds retry_after = milliseconds(0)) const {
    return Error(Code::transient, "the connection broke").with_retry_after(retry_after);
  }

  SleepingClock clock_;
  std::unique_ptr<FaultyStore> faulty_owned_ =
      std::make_unique<FaultyStore>(std::make_unique<MemoryStore>());
  FaultyStore& faulty_ = *faulty_owned_;
  std::unique_ptr<BlobStore> store_ =
      make_retrying_store(std::move(faulty_owned_), {.policy = {}, .clock = &clock_, .seed = 5});
};

TEST_F(RetryingStoreTest, TriesAgainWhatMayWorkLater) {
  faulty_.fail_at(1, FaultMoment::before, lost());
  faulty_.fail_at(2, FaultMoment::after, lost());
  ASSERT_TRUE(store_->put("HEAD", as_bytes("x"), PutCondition::none(), {}));
  EXPECT_EQ(faulty_.operations(), 3U);
  EXPECT_EQ(clock_.slept().size(), 2U);
}

TEST_F(RetryingStoreTest, TriesEveryKindOfRequestAgain) {
  for (const std::uint64_t n : {1, 3, 5, 7, 9, 11})
    faulty_.fail_at(n, FaultMoment::before, lost());
  EXPECT_TRUE(store_->put("a", as_bytes("x"), PutCondition::none(), {}));
  EXPECT_TRUE(store_->get("a", {}, {}));
  EXPECT_TRUE(store_->get_range("a", 0, 1, {}));
  EXPECT_TRUE(store_->list("", "", {}));
  EXPECT_TRUE(store_->remove("a", std::nullopt, {}));
  EXPECT_TRUE(store_->flush({}));
  EXPECT_EQ(faulty_.operations(), 12U);
}

TEST_F(RetryingStoreTest, DoesNotTryAgainWhatWillNotChange) {
  for (const Code code : {Code::not_found, Code::already_exists, Code::conflict, Code::denied,
                          Code::no_credentials, Code::corrupt, Code::cancelled, Code::invalid,
                          Code::unsupported, Code::full, Code::io, Code::internal}) {
    const std::uint64_t n = faulty_.operations() + 1;
    faulty_.fail_at(n, FaultMoment::before, Error(code, "no"));
    EXPECT_TRUE(store_->get("a", {}, {}).failed_with(code));
    EXPECT_EQ(faulty_.operations(), n);
  }
  EXPECT_TRUE(clock_.slept().empty());
}

TEST_F(RetryingStoreTest, GivesUpInTheEndAndSaysHowOftenItTried) {
  faulty_.fail_randomly(1, 1.0);
  auto got = store_->get("a", {}, {});
  ASSERT_TRUE(got.failed_with(Code::transient));
  EXPECT_NE(got.error().message().find("8 attempts"), std::string::npos) << got.error().message();
  EXPECT_EQ(faulty_.operations(), 8U);
}

TEST_F(RetryingStoreTest, WaitsAsLongAsTheServerAsks) {
  faulty_.fail_at(1, FaultMoment::before, lost(seconds(9)));
  ASSERT_TRUE(store_->flush({}));
  ASSERT_EQ(clock_.slept().size(), 1U);
  EXPECT_GE(clock_.slept().front(), seconds(9));
  EXPECT_LE(clock_.slept().front(), milliseconds(9100));
}

TEST_F(RetryingStoreTest, DoesNotWaitForAServerThatAsksForHours) {
  faulty_.fail_at(1, FaultMoment::before, lost(seconds(7200)));
  EXPECT_TRUE(store_->flush({}).failed_with(Code::transient));
  EXPECT_TRUE(clock_.slept().empty());
}

TEST_F(RetryingStoreTest, AStopEndsTheWaiting) {
  auto real =
      make_retrying_store(std::make_unique<FaultyStore>(std::make_unique<MemoryStore>()), {});
  auto faulty = std::make_unique<FaultyStore>(std::make_unique<MemoryStore>());
  faulty->fail_at(1, FaultMoment::before, lost(seconds(50)));
  const auto store = make_retrying_store(std::move(faulty), {});
  std::stop_source stop;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(milliseconds(20));
    stop.request_stop();
  });
  const auto began = std::chrono::steady_clock::now();
  EXPECT_TRUE(store->flush(stop.get_token()).failed_with(Code::cancelled));
  EXPECT_LT(std::chrono::steady_clock::now() - began, seconds(10));
}

TEST_F(RetryingStoreTest, ManyCallersDoNotStormADeadServer) {
  faulty_.fail_randomly(1, 1.0);
  const nanoseconds began = clock_.monotonic();
  for (int caller = 0; caller < 100; ++caller)
    EXPECT_FALSE(store_->flush({}));
  const double retries = static_cast<double>(faulty_.operations()) - 100;
  const double elapsed = std::chrono::duration<double>(clock_.monotonic() - began).count();
  const RetryPolicy policy;
  EXPECT_LE(retries, policy.burst + policy.retries_per_second * elapsed + 1);
}

TEST(LimitingStore, LetsNoMoreThanItsLimitRun) {
  std::atomic<int> running = 0;
  std::atomic<int> most = 0;
  auto faulty = std::make_unique<FaultyStore>(std::make_unique<MemoryStore>());
  for (std::uint64_t n = 1; n <= 60; ++n) {
    faulty->call_at(n, FaultMoment::before, [&] {
      const int now = ++running;
      for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);)
        continue;
      std::this_thread::sleep_for(milliseconds(2));
    });
    faulty->call_at(n, FaultMoment::after, [&] { --running; });
  }
  const auto store = make_limiting_store(std::move(faulty), 3);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 12; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 5; ++i) {
          EXPECT_TRUE(
              store->put("a/" + std::to_string(t), as_bytes("x"), PutCondition::none(), {}));
        }
      });
    }
  }
  EXPECT_EQ(most, 3);
}

TEST(LimitingStore, AStopEndsTheWaitForATurn) {
  std::latch entered(1);
  std::latch leave(1);
  auto faulty = std::make_unique<FaultyStore>(std::make_unique<MemoryStore>());
  faulty->call_at(1, FaultMoment::before, [&] {
    entered.count_down();
    leave.wait();
  });
  const auto store = make_limiting_store(std::move(faulty), 1);
  std::jthread holder([&] { EXPECT_TRUE(store->flush({})); });
  entered.wait();
  std::stop_source stop;
  std::jthread stopper([&] { stop.request_stop(); });
  EXPECT_TRUE(store->put("a", as_bytes("x"), PutCondition::none(), stop.get_token())
                  .failed_with(Code::cancelled));
  leave.count_down();
  holder.join();
  EXPECT_TRUE(store->get("a", {}, {}).failed_with(Code::not_found));
}

TEST(TracingStore, TellsEachRequestWithItsBytesAndOutcome) {
  std::vector<std::string> lines;
  const auto store = make_tracing_store(
      std::make_unique<MemoryStore>(),
      [&](const StoreRequest& r) {
        EXPECT_GE(r.duration_us, 0);
        lines.push_back(r.verb + " " + r.name + " " + std::to_string(r.sent_bytes) + " " +
                        std::to_string(r.received_bytes) + " " + r.outcome);
      },
      system_clock());
  const std::string etag = *store->put("HEAD", as_bytes("12345"), PutCondition::none(), {});
  EXPECT_FALSE(store->put("HEAD", as_bytes("123"), PutCondition::if_absent(), {}));
  EXPECT_TRUE(store->get("HEAD", {}, {}));
  GetOptions options;
  options.unless_etag = etag;
  EXPECT_TRUE(store->get("HEAD", options, {}));
  EXPECT_TRUE(store->get_range("HEAD", 1, 3, {}));
  EXPECT_FALSE(store->get("absent", {}, {}));
  EXPECT_TRUE(store->list("H", "", {}));
  EXPECT_TRUE(store->remove("HEAD", std::nullopt, {}));
  EXPECT_TRUE(store->flush({}));
  EXPECT_EQ(lines,
            (std::vector<std::string>{"put HEAD 5 0 ok", "put HEAD 3 0 already_exists",
                                      "get HEAD 0 5 ok", "get HEAD 0 0 unchanged",
                                      "get_range HEAD 0 3 ok", "get absent 0 0 not_found",
                                      "list H 0 0 ok", "remove HEAD 0 0 ok", "flush  0 0 ok"}));
}

}  // namespace
}  // namespace mikura

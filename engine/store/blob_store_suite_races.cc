// Concurrent callers, on one handle and on several. What one caller sees is in
// store/blob_store_suite.cc.
#include <atomic>
#include <latch>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "base/guarded.h"
#include "store/blob_store_suite.h"
#include "store/register_history.h"

namespace mikura {
namespace {

constexpr unsigned kThreads = 16;

// Runs body(thread) on `threads` threads that start together.
template <class Body>
void race(unsigned threads, const Body& body) {
  std::latch start(threads);
  std::vector<std::jthread> running;
  for (unsigned t = 0; t < threads; ++t) {
    running.emplace_back([&start, &body, t] {
      start.arrive_and_wait();
      body(t);
    });
  }
}

std::string read_text(BlobStore& store, std::string_view name) {
  auto blob = get_whole(store, name, kMaxObjectSizeBytes, {});
  EXPECT_TRUE(blob) << blob.error().message();
  return blob ? std::string(as_text(blob->data)) : std::string();
}

struct RaceOutcome {
  std::vector<unsigned> winners;
  std::vector<std::string> winning_etags;
  unsigned losers = 0;
  unsigned undecided = 0;  // Code::transient: "may hold the old or the new bytes"
  std::vector<std::string> surprises;
};

// One conditional put from each thread, half of them through handles of their own.
RaceOutcome race_puts(StorageUnderTest& storage, BlobStore& shared, const std::string& name,
                      const PutCondition& condition, Code losing) {
  Guarded<RaceOutcome> outcome;
  race(kThreads, [&](unsigned t) {
    const std::unique_ptr<BlobStore> own = t % 2 == 0 ? storage.open() : nullptr;
    BlobStore& store = own ? *own : shared;
    auto etag = store.put(name, as_bytes("racer " + std::to_string(t)), condition, {});
    outcome.with([&](RaceOutcome& o) {
      if (etag) {
        o.winners.push_back(t);
        o.winning_etags.push_back(*etag);
      } else if (etag.failed_with(losing)) {
        ++o.losers;
      } else if (etag.failed_with(Code::transient)) {
        ++o.undecided;
      } else {
        o.surprises.push_back(etag.error().message());
      }
    });
  });
  return outcome.with([](RaceOutcome& o) { return o; });
}

void expect_one_winner(BlobStore& store, const std::string& name, const RaceOutcome& outcome) {
  ASSERT_EQ(outcome.surprises, std::vector<std::string>{});
  ASSERT_LE(outcome.winners.size(), 1U);
  if (outcome.winners.empty()) {
    ASSERT_GT(outcome.undecided, 0U) << "nobody won";
    return;
  }
  auto blob = get_whole(store, name, 1000, {});
  ASSERT_TRUE(blob) << blob.error().message();
  EXPECT_EQ(as_text(blob->data), "racer " + std::to_string(outcome.winners.front()));
  EXPECT_EQ(blob->etag, outcome.winning_etags.front());
}

TEST_P(BlobStoreSuite, OfManyRacingIfAbsentPutsExactlyOneWins) {
  if (!GetParam().conditional_puts) GTEST_SKIP() << "the server has no conditional puts";
  for (unsigned round = 0; round < GetParam().race_rounds; ++round) {
    const std::string name = "locks/" + std::to_string(round);
    expect_one_winner(
        store(), name,
        race_puts(storage(), store(), name, PutCondition::if_absent(), Code::already_exists));
  }
}

TEST_P(BlobStoreSuite, OfManyRacingIfMatchPutsExactlyOneWins) {
  if (!GetParam().conditional_puts) GTEST_SKIP() << "the server has no conditional puts";
  for (unsigned round = 0; round < GetParam().race_rounds; ++round) {
    auto etag =
        store().put("HEAD", as_bytes("round " + std::to_string(round)), PutCondition::none(), {});
    ASSERT_TRUE(etag) << etag.error().message();
    expect_one_winner(
        store(), "HEAD",
        race_puts(storage(), store(), "HEAD", PutCondition::if_match(*etag), Code::conflict));
  }
}

TEST_P(BlobStoreSuite, ACounterKeptByCompareAndSwapLosesNoIncrement) {
  if (!GetParam().conditional_puts) GTEST_SKIP() << "the server has no conditional puts";
  const unsigned increments = std::max(2U, GetParam().race_rounds / 5);
  ASSERT_TRUE(store().put("HEAD", as_bytes("0"), PutCondition::none(), {}));
  std::atomic<unsigned> done = 0;
  race(8, [&](unsigned) {
    const std::unique_ptr<BlobStore> own = storage().open();
    for (unsigned mine = 0; mine < increments;) {
      auto blob = get_whole(*own, "HEAD", 100, {});
      ASSERT_TRUE(blob) << blob.error().message();
      const std::string next = std::to_string(std::stoul(std::string(as_text(blob->data))) + 1);
      auto put = own->put("HEAD", as_bytes(next), PutCondition::if_match(blob->etag), {});
      ASSERT_TRUE(put || put.failed_with(Code::conflict)) << put.error().message();
      if (!put) continue;
      ++mine;
      ++done;
    }
  });
  EXPECT_EQ(read_text(store(), "HEAD"), std::to_string(done.load()));
  EXPECT_EQ(done.load(), 8 * increments);
}

TEST_P(BlobStoreSuite, ReadersSeeWholeObjectsWhileTheyAreOverwritten) {
  const auto body = [](unsigned i) {
    return std::string(1 + (i * 7919) % 50'000, static_cast<char>('a' + i % 26));
  };
  ASSERT_TRUE(store().put("HEAD", as_bytes(body(0)), PutCondition::none(), {}));
  std::atomic<bool> writing = true;
  Guarded<std::map<std::string, std::string>> seen;  // etag -> the bytes it stood for
  const auto check = [&seen](const Blob& blob) {
    const std::string text(as_text(blob.data));
    ASSERT_EQ(text.find_first_not_of(text.front()), std::string::npos)
        << "two versions in one answer";
    const auto known =
        seen.with([&](auto& map) { return map.emplace(blob.etag, text).first->second; });
    ASSERT_TRUE(known == text) << "one etag, two contents";
  };
  race(6, [&](unsigned t) {
    const std::unique_ptr<BlobStore> own = storage().open();
    if (t == 0) {
      for (unsigned i = 1; i <= 8 * GetParam().race_rounds; ++i) {
        EXPECT_TRUE(own->put("HEAD", as_bytes(body(i)), PutCondition::none(), {}));
      }
      writing = false;
      return;
    }
    while (writing) {
      auto blob = get_whole(*own, "HEAD", kMaxObjectSizeBytes, {});
      ASSERT_TRUE(blob) << blob.error().message();
      check(*blob);
      auto range = own->get_range("HEAD", 0, kMaxObjectSizeBytes, {});
      ASSERT_TRUE(range) << range.error().message();
      const std::string text(as_text(*range));
      ASSERT_EQ(text.find_first_not_of(text.front()), std::string::npos)
          << "two versions in one range";
    }
  });
}

TEST_P(BlobStoreSuite, AListingDuringOverwritesShowsTheObjectOnce) {
  ASSERT_TRUE(store().put("keys/a", as_bytes("0"), PutCondition::none(), {}));
  std::atomic<bool> writing = true;
  race(3, [&](unsigned t) {
    if (t == 0) {
      for (unsigned i = 0; i < 4 * GetParam().race_rounds; ++i) {
        EXPECT_TRUE(store().put("keys/a", as_bytes(std::to_string(i)), PutCondition::none(), {}));
      }
      writing = false;
      return;
    }
    while (writing) {
      auto listed = list_all(store(), "", {});
      ASSERT_TRUE(listed) << listed.error().message();
      ASSERT_EQ(listed->size(), 1U);
      EXPECT_EQ(listed->front().name, "keys/a");
    }
  });
}

TEST_P(BlobStoreSuite, ManyThreadsStoreManyObjects) {
  race(kThreads, [&](unsigned t) {
    for (unsigned i = 0; i < 20; ++i) {
      const std::string name =
          "objects/" + std::to_string(i % 4) + "/" + std::to_string(t) + "-" + std::to_string(i);
      EXPECT_TRUE(store().put(name, as_bytes(name), PutCondition::none(), {}));
    }
    EXPECT_TRUE(store().flush({}));
  });
  auto listed = list_all(store(), "objects/", {});
  ASSERT_TRUE(listed) << listed.error().message();
  EXPECT_EQ(listed->size(), kThreads * 20U);
  for (const ListedBlob& blob : *listed)
    EXPECT_EQ(read_text(store(), blob.name), blob.name);
}

// Swaps "root:n" for "root:n+1" again and again until told to stop.
void keep_swapping(BlobStore& store, std::string_view name, const std::atomic<bool>& running) {
  while (running) {
    auto blob = get_whole(store, name, 100, {});
    if (!blob) {
      ASSERT_TRUE(blob.failed_with(Code::not_found) || blob.failed_with(Code::transient))
          << blob.error().message();
      continue;
    }
    const std::string text(as_text(blob->data));
    const std::size_t colon = text.find(':');
    const std::string next =
        text.substr(0, colon + 1) + std::to_string(std::stoul(text.substr(colon + 1)) + 1);
    auto put = store.put(name, as_bytes(next), PutCondition::if_match(blob->etag), {});
    ASSERT_TRUE(put || put.failed_with(Code::conflict) || put.failed_with(Code::transient))
        << put.error().message();
  }
}

// A swap looks and then writes. What comes between the two must not be lost.
TEST_P(BlobStoreSuite, AnAnsweredPutOrRemovalIsNotUndoneByASwap) {
  if (!GetParam().conditional_puts) GTEST_SKIP() << "the server has no conditional puts";
  std::atomic<bool> running = true;
  race(3, [&](unsigned t) {
    const std::unique_ptr<BlobStore> own = storage().open();
    if (t != 0) return keep_swapping(*own, "HEAD", running);
    for (unsigned i = 0; i < 40 * GetParam().race_rounds; ++i) {
      const std::string root = std::to_string(i) + ":";
      EXPECT_TRUE(own->put("HEAD", as_bytes(root + "1000"), PutCondition::none(), {}));
      const std::string seen = read_text(*own, "HEAD");
      EXPECT_TRUE(seen.starts_with(root)) << "put " << root << " but read " << seen;
      if (i % 2 == 0) continue;
      EXPECT_TRUE(own->remove("HEAD", std::nullopt, {}));
      EXPECT_TRUE(own->get("HEAD", {}, {}).failed_with(Code::not_found))
          << "a swap brought back what was removed";
    }
    running = false;
  });
}

// Makes random calls on one object and records them.
class Recorder {
 public:
  Recorder(BlobStore& store, std::string name, bool conditional_remove,
           std::atomic<std::uint64_t>& time, std::atomic<int>& values, unsigned seed)
      : store_(store),
        name_(std::move(name)),
        conditional_remove_(conditional_remove),
        time_(time),
        values_(values),
        random_(seed) {}

  void call() {
    RegisterCall call;
    const unsigned choice = random_() % 10;
    const bool known = !etag_.empty();
    if (choice < 3 || (!known && choice >= 6)) {
      call.kind = RegisterCall::Kind::get;
    } else if (choice < 4) {
      call.kind = RegisterCall::Kind::put;
    } else if (choice < 5) {
      call.kind = RegisterCall::Kind::create;
    } else if (choice < 6) {
      call.kind = RegisterCall::Kind::remove;
    } else if (choice < 7 && conditional_remove_) {
      call.kind = RegisterCall::Kind::remove_if;
    } else {
      call.kind = RegisterCall::Kind::swap;
    }
    call.expected = known ? value_ : RegisterCall::kAbsent;
    call.began = ++time_;
    run(call);
    call.ended = ++time_;
    calls_.push_back(call);
  }

  const std::vector<RegisterCall>& calls() const { return calls_; }
  bool decided() const { return decided_; }

 private:
  void run(RegisterCall& call) {
    switch (call.kind) {
      case RegisterCall::Kind::get:
        return get(call);
      case RegisterCall::Kind::put:
        return put(call, PutCondition::none());
      case RegisterCall::Kind::create:
        return put(call, PutCondition::if_absent());
      case RegisterCall::Kind::swap:
        return put(call, PutCondition::if_match(etag_));
      case RegisterCall::Kind::remove:
        return remove(call, std::nullopt);
      case RegisterCall::Kind::remove_if:
        return remove(call, etag_);
    }
  }

  void get(RegisterCall& call) {
    auto blob = get_whole(store_, name_, 100, {});
    if (blob) {
      value_ = call.value = std::stoi(std::string(as_text(blob->data)));
      etag_ = blob->etag;
    } else {
      EXPECT_EQ(blob.error().code(), Code::not_found) << blob.error().message();
      call.value = RegisterCall::kAbsent;
    }
  }

  void put(RegisterCall& call, const PutCondition& condition) {
    call.value = ++values_;
    auto etag = store_.put(name_, as_bytes(std::to_string(call.value)), condition, {});
    call.succeeded = bool(etag);
    if (etag) {
      value_ = call.value;
      etag_ = *etag;
    } else {
      note(etag.error());
    }
  }

  void remove(RegisterCall& call, const std::optional<std::string>& etag) {
    auto removed = store_.remove(name_, etag, {});
    call.succeeded = bool(removed);
    if (!removed) note(removed.error());
  }

  void note(const Error& error) {
    if (error.code() == Code::transient) decided_ = false;
    EXPECT_TRUE(error.code() == Code::conflict || error.code() == Code::already_exists || !decided_)
        << error.message();
  }

  BlobStore& store_;
  const std::string name_;
  const bool conditional_remove_;
  std::atomic<std::uint64_t>& time_;
  std::atomic<int>& values_;
  std::mt19937 random_;
  std::vector<RegisterCall> calls_;
  std::string etag_;  // of the last object that this thread knows, and its value
  int value_ = RegisterCall::kAbsent;
  bool decided_ = true;
};

TEST_P(BlobStoreSuite, AnyMixOfCallsOnOneNameIsLinearizable) {
  if (!GetParam().conditional_puts) GTEST_SKIP() << "the server has no conditional puts";
  constexpr unsigned kCallers = 4;
  for (unsigned round = 0; round < 8 * GetParam().race_rounds; ++round) {
    const std::string name = "HEAD" + std::to_string(round % 2);
    ASSERT_TRUE(store().remove(name, std::nullopt, {}));
    std::atomic<std::uint64_t> time = 0;
    std::atomic<int> values = 100;  // always three digits: one size
    std::vector<Recorder> recorders;
    for (unsigned t = 0; t < kCallers; ++t) {
      recorders.emplace_back(store(), name, GetParam().conditional_remove, time, values,
                             round * kCallers + t + 1);
    }
    race(kCallers, [&](unsigned t) {
      for (int i = 0; i < 5; ++i)
        recorders[t].call();
    });
    std::vector<RegisterCall> calls;
    bool decided = true;
    for (const Recorder& recorder : recorders) {
      calls.insert(calls.end(), recorder.calls().begin(), recorder.calls().end());
      decided = decided && recorder.decided();
    }
    if (!decided) continue;  // a transient answer says nothing about the order
    ASSERT_TRUE(is_linearizable(calls, RegisterCall::kAbsent)) << "round " << round << "\n"
                                                               << describe_history(calls);
  }
}

}  // namespace
}  // namespace mikura

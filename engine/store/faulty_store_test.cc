#include "store/faulty_store.h"

#include <gtest/gtest.h>

#include "store/memory_store.h"

namespace mikura {
namespace {

class FaultyStoreTest : public testing::Test {
 protected:
  Result<std::string> put(std::string_view name, std::string_view text,
                          const PutCondition& condition = PutCondition::none()) {
    return store_.put(name, as_bytes(text), condition, {});
  }

  // What a read gives: the text, or the name of the code.
  std::string read(BlobStore& store, std::string_view name) {
    auto blob = get_whole(store, name, 1000, {});
    auto range = store.get_range(name, 0, 1000, {});
    if (!blob) {
      EXPECT_TRUE(range.failed_with(blob.error().code()));
      return std::string(code_name(blob.error().code()));
    }
    EXPECT_TRUE(range && *range == blob->data) << "a range tells another story";
    return std::string(as_text(blob->data));
  }
  std::string seen(std::string_view name) { return read(store_, name); }
  std::string really(std::string_view name) { return read(honest_, name); }

  std::shared_ptr<MemoryStorage> storage_ = std::make_shared<MemoryStorage>();
  MemoryStore honest_{storage_};
  FaultyStore store_{std::make_unique<MemoryStore>(storage_)};
};

TEST_F(FaultyStoreTest, FailsTheNthOperationBeforeItIsDone) {
  store_.fail_at(2, FaultMoment::before, Error(Code::denied, "no"));
  EXPECT_TRUE(put("a", "1"));
  EXPECT_TRUE(put("a", "2").failed_with(Code::denied));
  EXPECT_EQ(really("a"), "1");
  EXPECT_TRUE(put("a", "3"));
  EXPECT_EQ(store_.operations(), 3U);
}

TEST_F(FaultyStoreTest, LosesTheAnswerOfTheNthOperation) {
  store_.fail_at(1, FaultMoment::after, Error(Code::transient, "lost"));
  EXPECT_TRUE(put("a", "1", PutCondition::if_absent()).failed_with(Code::transient));
  EXPECT_EQ(really("a"), "1");
  EXPECT_TRUE(put("a", "1", PutCondition::if_absent()).failed_with(Code::already_exists));
}

TEST_F(FaultyStoreTest, CallsBackAroundTheNthOperation) {
  std::vector<std::string> log;
  store_.call_at(1, FaultMoment::before, [&] { log.push_back("before: " + really("a")); });
  store_.call_at(1, FaultMoment::after, [&] { log.push_back("after: " + really("a")); });
  EXPECT_TRUE(put("a", "1"));
  EXPECT_EQ(log, (std::vector<std::string>{"before: not_found", "after: 1"}));
}

TEST_F(FaultyStoreTest, CrashesAtTheNthOperationAndStaysDead) {
  store_.crash_at(2, FaultMoment::before);
  EXPECT_TRUE(put("a", "1"));
  EXPECT_TRUE(put("b", "2").failed_with(Code::transient));
  EXPECT_TRUE(put("c", "3").failed_with(Code::transient));
  EXPECT_EQ(really("b") + " " + really("c"), "not_found not_found");
  store_.heal();
  EXPECT_TRUE(put("c", "3"));
}

TEST_F(FaultyStoreTest, CrashesAfterTheNthOperationToo) {
  store_.crash_at(1, FaultMoment::after);
  EXPECT_TRUE(put("a", "1").failed_with(Code::transient));
  EXPECT_TRUE(put("b", "2").failed_with(Code::transient));
  EXPECT_EQ(really("a") + " " + really("b"), "1 not_found");
}

TEST_F(FaultyStoreTest, DeliversADelayedPutLate) {
  store_.delay_put_at(1);
  EXPECT_TRUE(put("a", "late").failed_with(Code::transient));
  EXPECT_EQ(really("a"), "not_found");
  EXPECT_TRUE(put("a", "in time"));
  EXPECT_EQ(store_.release_delayed_puts(), 1U);
  EXPECT_EQ(really("a"), "late");
  EXPECT_EQ(store_.release_delayed_puts(), 0U);
}

TEST_F(FaultyStoreTest, ADelayedConditionalPutStillHasItsCondition) {
  store_.delay_put_at(1);
  EXPECT_TRUE(put("a", "late", PutCondition::if_absent()).failed_with(Code::transient));
  EXPECT_TRUE(put("a", "in time"));
  EXPECT_EQ(store_.release_delayed_puts(), 0U);
  EXPECT_EQ(really("a"), "in time");
}

TEST_F(FaultyStoreTest, FailsAtRandomInTheSameWayForTheSameSeed) {
  const auto outcomes = [] {
    FaultyStore store(std::make_unique<MemoryStore>());
    store.fail_randomly(42, 0.3);
    std::string text;
    for (int i = 0; i < 200; ++i)
      text += store.flush({}) ? '.' : 'x';
    return text;
  };
  const std::string first = outcomes();
  EXPECT_EQ(first, outcomes());
  const auto failures = std::count(first.begin(), first.end(), 'x');
  EXPECT_GT(failures, 30);
  EXPECT_LT(failures, 90);
}

TEST_F(FaultyStoreTest, ShowsChangedBytes) {
  ASSERT_TRUE(put("a", "abc"));
  store_.flip_byte("a", 1);
  EXPECT_EQ(seen("a"), "acc");
  store_.truncate("a", 2);
  EXPECT_EQ(seen("a"), "ac");
  EXPECT_EQ(really("a"), "abc");
  store_.heal();
  EXPECT_EQ(seen("a"), "abc");
}

TEST_F(FaultyStoreTest, ShowsAnOldState) {
  ASSERT_TRUE(put("a", "old"));
  ASSERT_TRUE(store_.serve_stale("a"));
  ASSERT_TRUE(store_.serve_stale("b"));
  ASSERT_TRUE(put("a", "new"));
  ASSERT_TRUE(put("b", "new"));
  EXPECT_EQ(seen("a") + " " + seen("b"), "old not_found");
  EXPECT_EQ(really("a") + " " + really("b"), "new new");
}

TEST_F(FaultyStoreTest, ShowsOneObjectForAnother) {
  ASSERT_TRUE(put("a", "of a"));
  ASSERT_TRUE(put("b", "of b"));
  store_.serve_swapped("a", "b");
  EXPECT_EQ(seen("a") + ", " + seen("b"), "of b, of a");
}

TEST_F(FaultyStoreTest, WithholdsAnObject) {
  ASSERT_TRUE(put("a", "1"));
  ASSERT_TRUE(put("b", "2"));
  store_.withhold("a");
  EXPECT_EQ(seen("a"), "not_found");
  auto listed = list_all(store_, "", {});
  ASSERT_TRUE(listed);
  ASSERT_EQ(listed->size(), 1U);
  EXPECT_EQ(listed->front().name, "b");
  EXPECT_EQ(really("a"), "1");
}

}  // namespace
}  // namespace mikura

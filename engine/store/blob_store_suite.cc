// What one caller sees. Races are in store/blob_store_suite_races.cc.
#include "store/blob_store_suite.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace mikura {
namespace {

// Allowed to go uninstantiated: a program may link the suite for a server that is absent today.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(BlobStoreSuite);

std::string put(BlobStore& store, std::string_view name, std::string_view text,
                const PutCondition& condition = PutCondition::none()) {
  auto etag = store.put(name, as_bytes(text), condition, {});
  EXPECT_TRUE(etag) << name << ": " << etag.error().message();
  if (!etag) return {};
  EXPECT_FALSE(etag->empty()) << name;
  return *etag;
}

Blob get(BlobStore& store, std::string_view name) {
  auto blob = get_whole(store, name, kMaxObjectSizeBytes, {});
  EXPECT_TRUE(blob) << name << ": " << blob.error().message();
  return blob ? *std::move(blob) : Blob{};
}

std::string text_of(BlobStore& store, std::string_view name) {
  return std::string(as_text(get(store, name).data));
}

std::string range(BlobStore& store, std::string_view name, std::uint64_t offset,
                  std::uint64_t length) {
  auto bytes = store.get_range(name, offset, length, {});
  EXPECT_TRUE(bytes) << name << ": " << bytes.error().message();
  return bytes ? std::string(as_text(*bytes)) : std::string();
}

bool is_absent(BlobStore& store, std::string_view name) {
  return store.get(name, {}, {}).failed_with(Code::not_found);
}

std::vector<std::string> names_of(const std::vector<ListedBlob>& blobs) {
  std::vector<std::string> names;
  for (const ListedBlob& blob : blobs)
    names.push_back(blob.name);
  return names;
}

std::vector<std::string> list_names(BlobStore& store, std::string_view prefix) {
  auto blobs = list_all(store, prefix, {});
  EXPECT_TRUE(blobs) << prefix << ": " << blobs.error().message();
  return blobs ? names_of(*blobs) : std::vector<std::string>{};
}

// Bytes of every value, in an order that a shift or a swapped block would disturb.
std::string noise(std::size_t size_bytes) {
  std::string text(size_bytes, '\0');
  std::uint64_t state = size_bytes + 1;
  for (char& c : text) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    c = static_cast<char>(state >> 56);
  }
  return text;
}

std::stop_token stopped() {
  std::stop_source source;
  source.request_stop();
  return source.get_token();
}

using Names = std::vector<std::string>;

TEST_P(BlobStoreSuite, AnObjectIsReadAsItWasWritten) {
  for (const std::size_t size : {1U, 15U, 4095U, 4096U, 4097U, 65536U, 1048579U}) {
    const std::string name = "objects/" + std::to_string(size);
    const std::string body = noise(size);
    put(store(), name, body);
    EXPECT_TRUE(text_of(store(), name) == body) << size;
  }
}

TEST_P(BlobStoreSuite, TheLargestObjectIsStoredAndReadWhole) {
  const std::string body = noise(kMaxObjectSizeBytes);
  put(store(), "packs/largest", body);
  EXPECT_TRUE(text_of(store(), "packs/largest") == body);
}

TEST_P(BlobStoreSuite, AnEmptyObjectIsAnObject) {
  const std::string etag = put(store(), "keys/empty", "");
  const Blob blob = get(store(), "keys/empty");
  EXPECT_TRUE(blob.data.empty());
  EXPECT_EQ(blob.etag, etag);
  EXPECT_EQ(range(store(), "keys/empty", 0, 10), "");
  EXPECT_EQ(list_names(store(), ""), Names{"keys/empty"});
  if (!GetParam().conditional_puts) return;
  EXPECT_TRUE(store()
                  .put("keys/empty", as_bytes("x"), PutCondition::if_absent(), {})
                  .failed_with(Code::already_exists));
}

TEST_P(BlobStoreSuite, WhatIsNotThereIsNotFound) {
  put(store(), "there/x", "x");
  for (const std::string_view name :
       {"absent", "there/y", "there/x.", "there/xx", "there", "far/away/absent"}) {
    EXPECT_TRUE(store().get(name, {}, {}).failed_with(Code::not_found)) << name;
    EXPECT_TRUE(store().get_range(name, 0, 1, {}).failed_with(Code::not_found)) << name;
    EXPECT_TRUE(get_whole(store(), name, 10, {}).failed_with(Code::not_found)) << name;
    GetOptions options;
    options.unless_etag = "an-etag";
    EXPECT_TRUE(store().get(name, options, {}).failed_with(Code::not_found)) << name;
  }
}

TEST_P(BlobStoreSuite, AnOverwriteReplacesTheWholeObject) {
  put(store(), "HEAD", noise(5000));
  put(store(), "HEAD", "short");
  EXPECT_EQ(text_of(store(), "HEAD"), "short");
  put(store(), "HEAD", "longer than before");
  EXPECT_EQ(text_of(store(), "HEAD"), "longer than before");
}

TEST_P(BlobStoreSuite, PutGetAndListShowTheSameEtag) {
  for (const std::string_view body : {"first", "second"}) {
    const std::string etag = put(store(), "keys/a", body);
    EXPECT_EQ(get(store(), "keys/a").etag, etag);
    auto listed = list_all(store(), "keys/", {});
    ASSERT_TRUE(listed);
    ASSERT_EQ(listed->size(), 1U);
    EXPECT_EQ(listed->front().etag, etag);
  }
}

TEST_P(BlobStoreSuite, TheEtagChangesWheneverTheBytesChange) {
  // As fast as it goes and of one size: clocks tick slower than this, and inode numbers come back.
  std::set<std::string> etags;
  for (int i = 0; i < 300; ++i) {
    const std::string body = std::to_string(1000 + i);
    if (i % 10 == 9) {
      ASSERT_TRUE(store().remove("HEAD", std::nullopt, {}));
    }
    const std::string etag = put(store(), "HEAD", body);
    EXPECT_TRUE(etags.insert(etag).second) << "etag " << etag << " came back for " << body;
  }
}

TEST_P(BlobStoreSuite, AnEtagStaysAsLongAsTheObjectDoes) {
  const std::string etag = put(store(), "HEAD", "body");
  put(store(), "other", "other");
  const std::unique_ptr<BlobStore> another = storage().open();
  EXPECT_EQ(get(*another, "HEAD").etag, etag);
  EXPECT_EQ(get(store(), "HEAD").etag, etag);
}

TEST_P(BlobStoreSuite, AGetUnlessEtagAnswersNothingForTheSameObject) {
  const std::string first = put(store(), "HEAD", "first");
  GetOptions options;
  options.unless_etag = first;
  auto same = store().get("HEAD", options, {});
  ASSERT_TRUE(same) << same.error().message();
  EXPECT_FALSE(same->has_value());

  const std::string second = put(store(), "HEAD", "other");
  auto changed = store().get("HEAD", options, {});
  ASSERT_TRUE(changed) << changed.error().message();
  ASSERT_TRUE(changed->has_value());
  EXPECT_EQ(as_text((*changed)->data), "other");
  EXPECT_EQ((*changed)->etag, second);
}

TEST_P(BlobStoreSuite, AnObjectLargerThanTheBoundIsCorrupt) {
  put(store(), "HEAD", noise(1000));
  GetOptions options;
  options.max_size_bytes = 1000;
  EXPECT_TRUE(store().get("HEAD", options, {}));
  options.max_size_bytes = 999;
  EXPECT_TRUE(store().get("HEAD", options, {}).failed_with(Code::corrupt));
  options.max_size_bytes = 0;
  EXPECT_TRUE(store().get("HEAD", options, {}).failed_with(Code::corrupt));
  put(store(), "HEAD", "");
  EXPECT_TRUE(store().get("HEAD", options, {}));
}

TEST_P(BlobStoreSuite, ARangeIsCutFromTheObject) {
  put(store(), "packs/p", "0123456789");
  EXPECT_EQ(range(store(), "packs/p", 0, 10), "0123456789");
  EXPECT_EQ(range(store(), "packs/p", 0, 1), "0");
  EXPECT_EQ(range(store(), "packs/p", 3, 4), "3456");
  EXPECT_EQ(range(store(), "packs/p", 9, 1), "9");
}

TEST_P(BlobStoreSuite, ARangeBeyondTheEndIsShorter) {
  put(store(), "packs/p", "0123456789");
  EXPECT_EQ(range(store(), "packs/p", 8, 100), "89");
  EXPECT_EQ(range(store(), "packs/p", 0, kMaxObjectSizeBytes), "0123456789");
  EXPECT_EQ(range(store(), "packs/p", 10, 1), "");
  EXPECT_EQ(range(store(), "packs/p", 1ULL << 40, 7), "");
  EXPECT_EQ(range(store(), "packs/p", 5, 0), "");
}

TEST_P(BlobStoreSuite, IfAbsentStoresOnlyTheFirst) {
  if (!GetParam().conditional_puts) GTEST_SKIP() << "the server has no conditional puts";
  const std::string etag = put(store(), "indexes/a", "first", PutCondition::if_absent());
  auto second = store().put("indexes/a", as_bytes("second"), PutCondition::if_absent(), {});
  EXPECT_TRUE(second.failed_with(Code::already_exists));
  auto same_bytes = store().put("indexes/a", as_bytes("first"), PutCondition::if_absent(), {});
  EXPECT_TRUE(same_bytes.failed_with(Code::already_exists));
  EXPECT_EQ(text_of(store(), "indexes/a"), "first");
  EXPECT_EQ(get(store(), "indexes/a").etag, etag);
}

TEST_P(BlobStoreSuite, IfAbsentStoresAgainAfterARemoval) {
  if (!GetParam().conditional_puts) GTEST_SKIP() << "the server has no conditional puts";
  put(store(), "locks/a", "first", PutCondition::if_absent());
  ASSERT_TRUE(store().remove("locks/a", std::nullopt, {}));
  put(store(), "locks/a", "second", PutCondition::if_absent());
  EXPECT_EQ(text_of(store(), "locks/a"), "second");
}

TEST_P(BlobStoreSuite, IfMatchReplacesOnlyWhatHasTheEtag) {
  if (!GetParam().conditional_puts) GTEST_SKIP() << "the server has no conditional puts";
  const std::string first = put(store(), "HEAD", "body 1");
  const std::string second = put(store(), "HEAD", "body 2", PutCondition::if_match(first));
  EXPECT_NE(first, second);
  auto stale = store().put("HEAD", as_bytes("body 3"), PutCondition::if_match(first), {});
  EXPECT_TRUE(stale.failed_with(Code::conflict));
  EXPECT_EQ(text_of(store(), "HEAD"), "body 2");
  EXPECT_EQ(get(store(), "HEAD").etag, second);
  put(store(), "HEAD", "body 4", PutCondition::if_match(second));
  EXPECT_EQ(text_of(store(), "HEAD"), "body 4");
}

TEST_P(BlobStoreSuite, IfMatchTakesTheEtagThatGetAndListShow) {
  if (!GetParam().conditional_puts) GTEST_SKIP() << "the server has no conditional puts";
  put(store(), "HEAD", "one");
  const std::string second =
      put(store(), "HEAD", "two", PutCondition::if_match(get(store(), "HEAD").etag));
  auto listed = list_all(store(), "HEAD", {});
  ASSERT_TRUE(listed);
  ASSERT_EQ(listed->size(), 1U);
  put(store(), "HEAD", "three", PutCondition::if_match(listed->front().etag));
  EXPECT_EQ(text_of(store(), "HEAD"), "three");
}

TEST_P(BlobStoreSuite, IfMatchDoesNotCreate) {
  if (!GetParam().conditional_puts) GTEST_SKIP() << "the server has no conditional puts";
  const std::string etag = put(store(), "HEAD", "body");
  auto elsewhere = store().put("absent", as_bytes("x"), PutCondition::if_match(etag), {});
  EXPECT_TRUE(elsewhere.failed_with(Code::conflict));
  ASSERT_TRUE(store().remove("HEAD", std::nullopt, {}));
  auto removed = store().put("HEAD", as_bytes("x"), PutCondition::if_match(etag), {});
  EXPECT_TRUE(removed.failed_with(Code::conflict));
  EXPECT_EQ(list_names(store(), ""), Names{});
}

TEST_P(BlobStoreSuite, IfMatchRefusesAnEtagOfAnEarlierLife) {
  if (!GetParam().conditional_puts) GTEST_SKIP() << "the server has no conditional puts";
  const std::string before = put(store(), "HEAD", "body 1");
  ASSERT_TRUE(store().remove("HEAD", std::nullopt, {}));
  put(store(), "HEAD", "body 2");
  EXPECT_TRUE(store()
                  .put("HEAD", as_bytes("x"), PutCondition::if_match(before), {})
                  .failed_with(Code::conflict));
}

TEST_P(BlobStoreSuite, ARemovedObjectIsGone) {
  put(store(), "objects/aa/x", "x");
  put(store(), "objects/aa/y", "y");
  ASSERT_TRUE(store().remove("objects/aa/x", std::nullopt, {}));
  EXPECT_TRUE(is_absent(store(), "objects/aa/x"));
  EXPECT_EQ(list_names(store(), ""), Names{"objects/aa/y"});
  ASSERT_TRUE(store().remove("objects/aa/y", std::nullopt, {}));
  EXPECT_EQ(list_names(store(), ""), Names{});
  put(store(), "objects/aa/x", "again");
  EXPECT_EQ(text_of(store(), "objects/aa/x"), "again");
}

TEST_P(BlobStoreSuite, RemovingWhatIsNotThereIsFine) {
  EXPECT_TRUE(store().remove("absent", std::nullopt, {}));
  EXPECT_TRUE(store().remove("far/away/absent", std::nullopt, {}));
  put(store(), "a/b", "x");
  EXPECT_TRUE(store().remove("a", std::nullopt, {}));
  EXPECT_EQ(text_of(store(), "a/b"), "x");
}

TEST_P(BlobStoreSuite, AConditionalRemoveNeedsTheEtag) {
  if (!GetParam().conditional_remove) GTEST_SKIP() << "the server has no conditional remove";
  const std::string old_etag = put(store(), "objects/aa/x", "old");
  const std::string etag = put(store(), "objects/aa/x", "new");
  EXPECT_TRUE(store().remove("objects/aa/x", old_etag, {}).failed_with(Code::conflict));
  EXPECT_EQ(text_of(store(), "objects/aa/x"), "new");
  ASSERT_TRUE(store().remove("objects/aa/x", etag, {}));
  EXPECT_TRUE(is_absent(store(), "objects/aa/x"));
  EXPECT_TRUE(store().remove("objects/aa/x", etag, {})) << "a removal can be repeated";
}

TEST_P(BlobStoreSuite, AnotherHandleSeesEveryAnsweredCallAtOnce) {
  const std::unique_ptr<BlobStore> another = storage().open();
  for (int i = 0; i < 20; ++i) {
    const std::string body = std::to_string(i);
    put(store(), "HEAD", body);
    EXPECT_EQ(text_of(*another, "HEAD"), body);
    const std::string name = "indexes/" + std::to_string(100 + i);
    put(*another, name, body);
    EXPECT_EQ(text_of(store(), name), body);
    EXPECT_EQ(list_names(store(), "indexes/"), Names{name});
    ASSERT_TRUE(store().remove(name, std::nullopt, {}));
    EXPECT_TRUE(is_absent(*another, name));
    EXPECT_EQ(list_names(*another, "indexes/"), Names{});
  }
}

TEST_P(BlobStoreSuite, NamesAtTheLimitsAreStored) {
  const std::string component(200, 'c');
  const std::string longest = component + "/" + component + "/" + std::string(110, 'd');
  ASSERT_EQ(longest.size(), 512U);
  Names names = {"a",
                 "Z",
                 "0",
                 "_",
                 "-",
                 "HEAD",
                 "x.y",
                 "x..",
                 "x.tmp",
                 std::string(200, 'b'),
                 longest,
                 "d/e/f/g/h/i/j/k/l/m/n/o/p",
                 "e/0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._-"};
  for (const std::string& name : names)
    put(store(), name, "body of " + name);
  for (const std::string& name : names)
    EXPECT_EQ(text_of(store(), name), "body of " + name);
  std::sort(names.begin(), names.end());
  EXPECT_EQ(list_names(store(), ""), names);
  for (const std::string& name : names)
    ASSERT_TRUE(store().remove(name, std::nullopt, {})) << name;
  EXPECT_EQ(list_names(store(), ""), Names{});
}

TEST_P(BlobStoreSuite, AListingIsInByteOrderOfTheNames) {
  // '-' < '.' < '/' < '0' < 'A' < '_' < 'a': where folders sort is what goes wrong.
  Names names = {"a-b", "a.b", "a/b",   "a/b.c", "a/bc",  "a0", "aB", "a_",
                 "ab",  "ab-", "b/c/d", "b/c-d", "b/c.d", "b0", "B"};
  for (const std::string& name : names)
    put(store(), name, name);
  std::sort(names.begin(), names.end());
  EXPECT_EQ(list_names(store(), ""), names);
}

TEST_P(BlobStoreSuite, AListingHoldsWhatStartsWithThePrefix) {
  for (const std::string_view name :
       {"keys/a", "keys/ab", "keys/b/c", "keysmith", "key", "indexes/a"}) {
    put(store(), name, "x");
  }
  EXPECT_EQ(list_names(store(), "keys/"), (Names{"keys/a", "keys/ab", "keys/b/c"}));
  EXPECT_EQ(list_names(store(), "keys"), (Names{"keys/a", "keys/ab", "keys/b/c", "keysmith"}));
  EXPECT_EQ(list_names(store(), "keys/a"), (Names{"keys/a", "keys/ab"}));
  EXPECT_EQ(list_names(store(), "keys/b/"), Names{"keys/b/c"});
  EXPECT_EQ(list_names(store(), "keys/b"), Names{"keys/b/c"});
  EXPECT_EQ(list_names(store(), "keysmith"), Names{"keysmith"});
  EXPECT_EQ(list_names(store(), "keysmith/"), Names{});
  EXPECT_EQ(list_names(store(), "nothing/"), Names{});
  EXPECT_EQ(list_names(store(), "keys/a/"), Names{});
}

TEST_P(BlobStoreSuite, AListingTellsSizeEtagAndTime) {
  const std::string etag = put(store(), "packs/p", noise(1234));
  auto listed = list_all(store(), "packs/", {});
  ASSERT_TRUE(listed) << listed.error().message();
  ASSERT_EQ(listed->size(), 1U);
  EXPECT_EQ(listed->front().size_bytes, 1234U);
  EXPECT_EQ(listed->front().etag, etag);
  EXPECT_GT(listed->front().modified_unix_ms, 1'500'000'000'000) << "no time since 2017";
}

TEST_P(BlobStoreSuite, AListingOfThousandsComesInPagesAndShowsEachOnce) {
  Names names;
  for (int i = 0; i < 1100; ++i) {
    std::string number = std::to_string(i);
    number.insert(0, 4 - number.size(), '0');
    // Both shapes that a repository has: spread over folders, and many in one.
    names.push_back(i % 2 == 0 ? "objects/" + number.substr(2, 2) + "/" + number
                               : "objects/log-" + number);
    put(store(), names.back(), number);
  }
  put(store(), "objectz", "after");
  put(store(), "object", "before");
  std::sort(names.begin(), names.end());

  Names listed;
  std::string start;
  int pages = 0;
  do {
    auto page = store().list("objects/", start, {});
    ASSERT_TRUE(page) << page.error().message();
    EXPECT_LE(page->blobs.size(), 1000U);
    EXPECT_FALSE(page->blobs.empty() && !page->next.empty())
        << "an empty page that is not the last";
    for (const ListedBlob& blob : page->blobs)
      listed.push_back(blob.name);
    start = page->next;
    ++pages;
  } while (!start.empty() && pages < 100);
  EXPECT_GE(pages, 2);
  EXPECT_EQ(listed, names);
}

TEST_P(BlobStoreSuite, APageThatIsJustFullIsTheLast) {
  for (int i = 0; i < 1000; ++i)
    put(store(), "log/" + std::to_string(10000 + i), "x");
  auto page = store().list("log/", "", {});
  ASSERT_TRUE(page) << page.error().message();
  EXPECT_EQ(list_names(store(), "log/").size(), 1000U);
  EXPECT_EQ(list_names(store(), "").size(), 1000U);
}

TEST_P(BlobStoreSuite, RemovalsBetweenPagesHideNothingElse) {
  // Pairs "n" and "n-", and one name before them: wherever a page of even size ends, it ends inside
  // a pair.
  Names names = {"gc/0"};
  for (int i = 0; i < 600; ++i) {
    names.push_back("gc/" + std::to_string(10000 + i));
    names.push_back(names.back() + "-");
  }
  for (const std::string& name : names)
    put(store(), name, "x");
  auto first = store().list("gc/", "", {});
  ASSERT_TRUE(first) << first.error().message();
  ASSERT_FALSE(first->next.empty());
  for (const ListedBlob& blob : first->blobs)
    ASSERT_TRUE(store().remove(blob.name, std::nullopt, {}));
  Names all = names_of(first->blobs);
  for (std::string start = first->next; !start.empty();) {
    auto page = store().list("gc/", start, {});
    ASSERT_TRUE(page) << page.error().message();
    for (const ListedBlob& blob : page->blobs)
      all.push_back(blob.name);
    start = page->next;
  }
  EXPECT_EQ(all, names);
}

TEST_P(BlobStoreSuite, FailedConditionsLeaveNothingBehind) {
  if (!GetParam().conditional_puts) GTEST_SKIP() << "the server has no conditional puts";
  put(store(), "keys/a", "x");
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(store().put("keys/a", as_bytes("y"), PutCondition::if_absent(), {}));
    EXPECT_FALSE(
        store().put("keys/a", as_bytes("y"), PutCondition::if_match("\"no-such-etag\""), {}));
    EXPECT_FALSE(
        store().put("keys/b", as_bytes("y"), PutCondition::if_match("\"no-such-etag\""), {}));
  }
  EXPECT_EQ(list_names(store(), ""), Names{"keys/a"});
  EXPECT_EQ(text_of(store(), "keys/a"), "x");
}

TEST_P(BlobStoreSuite, AStoppedCallDoesNothing) {
  const std::string etag = put(store(), "HEAD", "body");
  EXPECT_TRUE(store().get("HEAD", {}, stopped()).failed_with(Code::cancelled));
  EXPECT_TRUE(store().get_range("HEAD", 0, 1, stopped()).failed_with(Code::cancelled));
  EXPECT_TRUE(store()
                  .put("HEAD", as_bytes("x"), PutCondition::none(), stopped())
                  .failed_with(Code::cancelled));
  EXPECT_TRUE(store()
                  .put("new", as_bytes("x"), PutCondition::none(), stopped())
                  .failed_with(Code::cancelled));
  EXPECT_TRUE(store().remove("HEAD", std::nullopt, stopped()).failed_with(Code::cancelled));
  EXPECT_TRUE(store().list("", "", stopped()).failed_with(Code::cancelled));
  EXPECT_EQ(list_names(store(), ""), Names{"HEAD"});
  EXPECT_EQ(get(store(), "HEAD").etag, etag);
}

TEST_P(BlobStoreSuite, AFlushMayComeAtAnyTime) {
  EXPECT_TRUE(store().flush({}));
  for (int i = 0; i < 100; ++i)
    put(store(), "objects/" + std::to_string(i), "x");
  EXPECT_TRUE(store().flush({}));
  EXPECT_TRUE(store().flush({}));
  put(store(), "objects/0", "y");
  ASSERT_TRUE(store().remove("objects/1", std::nullopt, {}));
  EXPECT_TRUE(store().flush({}));
  EXPECT_EQ(text_of(store(), "objects/0"), "y");
}

TEST_P(BlobStoreSuite, ItSaysWhatItIs) {
  EXPECT_FALSE(store().describe().empty());
}

}  // namespace
}  // namespace mikura

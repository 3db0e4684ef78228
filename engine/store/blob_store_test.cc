#include "store/blob_store.h"

#include <gtest/gtest.h>

#include "store/memory_store.h"

namespace mikura {
namespace {

TEST(BlobName, OfTheRepositoryIsValid) {
  for (const std::string_view name :
       {"HEAD", "repository", "keys/user-0a1b2c3d", "indexes/018f0000-0000-7000-8000-000000000000",
        "objects/ab/abcd", "a", "a.b", "a..", "_", "-"}) {
    EXPECT_TRUE(valid_blob_name(name)) << name;
  }
}

TEST(BlobName, CannotLeaveTheStoreOrHide) {
  for (const std::string_view name :
       {"",     "/",    "/a",     "a/",          "a//b",   ".",         "..",
        "../a", "a/..", "a/../b", "a/./b",       ".tmp/a", "a/.hidden", "a b",
        "a\\b", "a%2e", "a\n",    "caf\xc3\xa9", "a:b",    "~"}) {
    EXPECT_FALSE(valid_blob_name(name)) << name;
  }
  EXPECT_FALSE(valid_blob_name(std::string_view("a\0b", 3)));
}

TEST(BlobName, HasLimits) {
  const std::string component(200, 'x');
  EXPECT_TRUE(valid_blob_name(component));
  EXPECT_FALSE(valid_blob_name(component + "x"));
  const std::string longest = component + "/" + component + "/" + std::string(110, 'x');
  EXPECT_EQ(longest.size(), 512U);
  EXPECT_TRUE(valid_blob_name(longest));
  EXPECT_FALSE(valid_blob_name(longest + "x"));
}

// A store whose listing is scripted; the rest must not be called.
class ScriptedListing final : public BlobStore {
 public:
  explicit ScriptedListing(std::vector<ListPage> pages) : pages_(std::move(pages)) {}

  Result<ListPage> list(std::string_view, std::string_view, std::stop_token) override {
    return pages_[std::min(calls_++, pages_.size() - 1)];
  }
  Result<std::optional<Blob>> get(std::string_view, const GetOptions&, std::stop_token) override {
    return std::optional<Blob>();
  }
  Result<Bytes> get_range(std::string_view, std::uint64_t, std::uint64_t,
                          std::stop_token) override {
    return unused();
  }
  Result<std::string> put(std::string_view, ByteSpan, const PutCondition&,
                          std::stop_token) override {
    return unused();
  }
  Result<void> remove(std::string_view, const std::optional<std::string>&,
                      std::stop_token) override {
    return unused();
  }
  Result<void> flush(std::stop_token) override { return {}; }
  std::string describe() const override { return "scripted"; }

 private:
  static Error unused() { return {Code::internal, "not scripted"}; }

  std::vector<ListPage> pages_;
  std::size_t calls_ = 0;
};

ListPage page(std::vector<std::string> names, std::string next) {
  ListPage page;
  for (std::string& name : names)
    page.blobs.push_back({.name = std::move(name), .size_bytes = 0, .etag = "e"});
  page.next = std::move(next);
  return page;
}

TEST(ListAll, JoinsThePages) {
  ScriptedListing store({page({"a", "b"}, "t1"), page({"c"}, "")});
  auto all = list_all(store, "", {});
  ASSERT_TRUE(all);
  EXPECT_EQ(all->size(), 3U);
}

TEST(ListAll, EndsWhenAHostileStorePagesInCircles) {
  ScriptedListing circle({page({"a", "b"}, "t1"), page({"a", "b"}, "t2")});
  EXPECT_TRUE(list_all(circle, "", {}).failed_with(Code::corrupt));
  ScriptedListing empty_pages({page({}, "t1")});
  EXPECT_TRUE(list_all(empty_pages, "", {}).failed_with(Code::corrupt));
}

TEST(GetWhole, RefusesAnAnswerThatNobodyAskedFor) {
  ScriptedListing unchanged({});
  EXPECT_TRUE(get_whole(unchanged, "HEAD", 10, {}).failed_with(Code::internal));
}

}  // namespace
}  // namespace mikura

// Packs and catalogs through a vault: found, read by range, and found again when catalogs are lost.
#include <gtest/gtest.h>

#include <map>

#include "crypto/hash.h"
#include "store/faulty_store.h"
#include "store/memory_store.h"
#include "testing/temp_folder.h"
#include "vault/vault.h"

namespace mikura {
namespace {

class MapCache final : public ObjectCache {
 public:
  std::optional<Bytes> get(std::string_view name) override {
    const auto found = objects.find(name);
    return found == objects.end() ? std::nullopt : std::optional(found->second);
  }
  void put(std::string_view name, ByteSpan object) override {
    objects[std::string(name)] = to_bytes(object);
  }
  std::map<std::string, Bytes, std::less<>> objects;
};

class PacksTest : public ::testing::Test {
 protected:
  PacksTest() {
    EXPECT_TRUE(Vault::create(store, {}, key(), environment(nullptr), {}));
    vault = open(nullptr);
  }

  static KeySource key() {
    ByteArray<32> bytes;
    bytes.fill(std::byte{1});
    return KeySource::key(UserKey(bytes));
  }
  VaultEnvironment environment(ObjectCache* cache) {
    return {system_clock(), system_random(), client.path(), {}, cache};
  }
  std::unique_ptr<Vault> open(ObjectCache* cache) {
    auto opened = Vault::open(
        store, {}, [](const RepositoryId&, const KeyKinds&) -> Result<KeySource> { return key(); },
        environment(cache), {});
    EXPECT_TRUE(opened) << opened.error().message();
    return *std::move(opened);
  }

  static std::string text_of(int i) { return "content number " + std::to_string(i); }
  static Sha256Digest content_of(int i) { return sha256(as_bytes(text_of(i))); }

  CatalogPack write_pack(int from, int to) {
    Bytes blobs;
    std::vector<PackEntry> entries;
    for (int i = from; i < to; ++i) {
      const Bytes sealed = vault->seal_blob(content_of(i), as_bytes(text_of(i)));
      entries.push_back({content_of(i), static_cast<std::uint32_t>(blobs.size()),
                         static_cast<std::uint32_t>(sealed.size())});
      append(blobs, sealed);
    }
    auto pack = vault->write_pack(std::move(blobs), std::move(entries), {});
    EXPECT_TRUE(pack) << pack.error().message();
    return *std::move(pack);
  }

  // Publishes an empty version whose HEAD also names `catalogs`.
  Head publish(const std::vector<std::string>& catalogs) {
    const auto head = vault->read_head(nullptr, {});
    Index index;
    index.repository = vault->config().id;
    index.version = ids.next(head->head.version);
    index.generation = head->head.generation + 1;
    if (head->head.generation != 0)
      index.parents.push_back({head->head.version, head->head.index_sha256});
    const auto published = vault->publish(*head, index, encode_index(index), catalogs, {});
    EXPECT_TRUE(published) << published.error().message();
    return published->head;
  }

  // Ten blobs in a pack in a published catalog, whose name it returns.
  std::string publish_ten() {
    const auto catalog = vault->write_catalog({{write_pack(0, 10)}}, {});
    EXPECT_TRUE(catalog);
    publish({*catalog});
    return *catalog;
  }

  // As another client that has only just read HEAD.
  std::unique_ptr<Vault> newcomer(ObjectCache* cache = nullptr) {
    auto other = open(cache);
    EXPECT_TRUE(other->read_head(nullptr, {}));
    return other;
  }

  static Result<Bytes> read(const Vault& from, int i) {
    return from.read_blob(content_of(i), text_of(i).size(), {});
  }
  static void expect_all(const Vault& from) {
    for (int i = 0; i < 10; ++i) {
      const auto data = read(from, i);
      ASSERT_TRUE(data) << data.error().message();
      EXPECT_EQ(as_text(*data), text_of(i));
    }
  }

  std::string only_pack() { return list_all(memory(), kPacksPrefix, {})->front().name; }
  BlobStore& memory() { return *direct; }

  TempFolder client;
  VersionIdGenerator ids{system_clock(), system_random()};
  std::shared_ptr<MemoryStorage> storage = std::make_shared<MemoryStorage>();
  std::unique_ptr<MemoryStore> direct = std::make_unique<MemoryStore>(storage);
  FaultyStore store{std::make_unique<MemoryStore>(storage)};
  std::unique_ptr<Vault> vault;
};

TEST_F(PacksTest, WhatAPublishedCatalogNamesIsReadFromItsPack) {
  publish_ten();
  const auto other = newcomer();
  expect_all(*other);
  EXPECT_TRUE(read(*other, 11).failed_with(Code::corrupt)) << "nobody has it";
}

TEST_F(PacksTest, APackCountsOnlyOnceACatalogIsPublished) {
  ASSERT_TRUE(vault->write_catalog({{write_pack(0, 10)}}, {}));
  EXPECT_TRUE(read(*newcomer(), 0).failed_with(Code::corrupt));
}

TEST_F(PacksTest, ABlobStoredAloneIsReadBesideAPack) {
  publish_ten();
  ASSERT_TRUE(vault->write_blob(content_of(20), as_bytes(text_of(20)), {}));
  EXPECT_TRUE(read(*newcomer(), 20));
}

TEST_F(PacksTest, HeadKeepsTheCatalogsOfEarlierVersionsAndNamesEachOnce) {
  const std::string first = publish_ten();
  const auto second = vault->write_catalog({{write_pack(10, 12)}}, {});
  publish({*second});
  const Head head = publish({first, *second});
  EXPECT_EQ(head.catalogs, (std::vector<std::string>{first, *second}));
  EXPECT_EQ(head.min_format, kFormatWithCatalogs);
  const auto other = newcomer();
  EXPECT_TRUE(read(*other, 3));
  EXPECT_TRUE(read(*other, 11));
}

TEST_F(PacksTest, AHeadWithoutCatalogsStaysReadableForOlderPrograms) {
  EXPECT_EQ(publish({}).min_format, 1U);
}

TEST_F(PacksTest, ACachedCatalogIsNotFetchedAgain) {
  const std::string catalog = publish_ten();
  MapCache cache;
  expect_all(*newcomer(&cache));
  ASSERT_TRUE(cache.objects.contains(catalog));
  const auto again = newcomer(&cache);
  const auto before = store.operations();
  EXPECT_TRUE(read(*again, 1));
  EXPECT_EQ(store.operations(), before + 1) << "the range of the pack, and nothing else";
}

TEST_F(PacksTest, ASpoiltCacheIsNotBelieved) {
  const std::string catalog = publish_ten();
  MapCache cache;
  cache.objects[catalog] = Bytes(100, std::byte{1});
  expect_all(*newcomer(&cache));
}

TEST_F(PacksTest, ALostOrDamagedCatalogIsMadeUpForFromThePacks) {
  const std::string catalog = publish_ten();
  store.flip_byte(catalog, 100);
  expect_all(*newcomer());
  store.heal();
  store.withhold(catalog);
  expect_all(*newcomer());
}

TEST_F(PacksTest, ACatalogOfAnotherNameIsNotAccepted) {
  const std::string catalog = publish_ten();
  const auto other = vault->write_catalog({{write_pack(10, 12)}}, {});
  store.serve_swapped(catalog, *other);
  expect_all(*newcomer());
}

TEST_F(PacksTest, AnUnreachableStoreIsNotTakenForALostCatalog) {
  publish_ten();
  const auto other = newcomer();
  store.fail_at(store.operations() + 1, FaultMoment::before, Error(Code::transient, "no network"));
  EXPECT_TRUE(read(*other, 0).failed_with(Code::transient));
  expect_all(*other);
}

TEST_F(PacksTest, ADamagedPackIsNoticedAndNamed) {
  publish_ten();
  const auto other = newcomer();
  const auto place = other->find_in_packs(content_of(4), {});
  ASSERT_TRUE(place && *place);
  store.flip_byte(only_pack(), (*place)->offset_bytes + (*place)->size_bytes / 2);
  const auto data = read(*other, 4);
  ASSERT_TRUE(data.failed_with(Code::corrupt));
  EXPECT_NE(data.error().message().find(vault->name_of(content_of(4))), std::string::npos)
      << data.error().message();
  EXPECT_TRUE(read(*other, 5)) << "its neighbours are whole";
}

TEST_F(PacksTest, ABlobThatWasAlsoStoredAloneSurvivesThePacksLoss) {
  publish_ten();
  ASSERT_TRUE(vault->write_blob(content_of(4), as_bytes(text_of(4)), {}));
  store.withhold(only_pack());
  const auto other = newcomer();
  EXPECT_TRUE(read(*other, 4));
  EXPECT_TRUE(read(*other, 5).failed_with(Code::corrupt));
}

TEST_F(PacksTest, ATruncatedPackIsNoticed) {
  publish_ten();
  const auto other = newcomer();
  const auto place = other->find_in_packs(content_of(9), {});
  ASSERT_TRUE(place && *place);
  store.truncate(only_pack(), (*place)->offset_bytes + (*place)->size_bytes - 1);
  EXPECT_TRUE(read(*other, 9).failed_with(Code::corrupt));
}

// A catalog is only a hint: one that lies (its maker would have to hold the key) leads nowhere.
TEST_F(PacksTest, ACatalogThatPointsAtAnotherBlobLeadsToNoWrongContent) {
  CatalogPack pack = write_pack(0, 10);
  std::swap(pack.entries[2].content, pack.entries[3].content);
  const auto catalog = vault->write_catalog({{pack}}, {});
  publish({*catalog});
  const auto other = newcomer();
  EXPECT_TRUE(read(*other, 2).failed_with(Code::corrupt));
  EXPECT_TRUE(read(*other, 3).failed_with(Code::corrupt));
  EXPECT_TRUE(read(*other, 4));
}

}  // namespace
}  // namespace mikura

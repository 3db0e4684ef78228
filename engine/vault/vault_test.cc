#include "vault/vault.h"

#include <gtest/gtest.h>

#include "crypto/hash.h"
#include "store/faulty_store.h"
#include "store/memory_store.h"
#include "testing/temp_folder.h"
#include "vault/probe.h"

namespace mikura {
namespace {

KeySource key_of(unsigned char value) {
  ByteArray<32> bytes;
  bytes.fill(static_cast<std::byte>(value));
  return KeySource::key(UserKey(bytes));
}

class VaultTest : public ::testing::Test {
 protected:
  VaultEnvironment environment() { return {system_clock(), system_random(), client.path(), {}}; }

  Result<KeyObjects> create(BlobStore& target) {
    return Vault::create(target, {}, key_of(1), environment(), {});
  }

  Result<std::unique_ptr<Vault>> open(BlobStore& target, unsigned char key = 1,
                                      KeyObjects cached = {}) {
    return Vault::open(
        target, std::move(cached),
        [key](const RepositoryId&, const KeyKinds&) -> Result<KeySource> { return key_of(key); },
        environment(), {});
  }

  // The next version, with one file.
  static Index next_index(const Vault& vault, const OpenedHead& on, std::string_view content) {
    static VersionIdGenerator ids(system_clock(), system_random());
    Index index;
    index.repository = vault.config().id;
    index.version = ids.next(on.head.version);
    index.generation = on.head.generation + 1;
    if (on.head.generation != 0) index.parents.push_back({on.head.version, on.head.index_sha256});
    Entry entry;
    entry.path = "f";
    entry.size_bytes = content.size();
    entry.sha256 = entry.content = sha256(as_bytes(content));
    entry.form = ContentForm::whole;
    index.entries.push_back(entry);
    return index;
  }

  static Result<OpenedHead> publish(Vault& vault, const OpenedHead& on,
                                    std::string_view content = "x") {
    const Index index = next_index(vault, on, content);
    return vault.publish(on, index, encode_index(index), {}, {});
  }

  std::vector<std::string> names(BlobStore& target) {
    std::vector<std::string> all;
    const auto listed = list_all(target, "", {});
    for (const ListedBlob& blob : *listed)
      all.push_back(blob.name);
    return all;
  }

  std::shared_ptr<MemoryStorage> storage = std::make_shared<MemoryStorage>();
  MemoryStore store{storage};
  TempFolder client;
};

TEST_F(VaultTest, CreationLeavesARepositoryASlotAndAnEmptyHeadAndNoScratch) {
  ASSERT_TRUE(create(store));
  const auto all = names(store);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0], "HEAD");
  EXPECT_TRUE(all[1].starts_with("keys/user-"));
  EXPECT_EQ(all[2], "repository");
  const auto vault = open(store);
  ASSERT_TRUE(vault) << vault.error().message();
  EXPECT_EQ((*vault)->read_head(nullptr, {})->head.generation, 0U);
}

TEST_F(VaultTest, ASecondCreationIsRefusedAndChangesNothing) {
  ASSERT_TRUE(create(store));
  const auto before = names(store);
  EXPECT_TRUE(create(store).failed_with(Code::already_exists));
  EXPECT_EQ(names(store), before);
}

// Fails at each operation in turn, before and after it is carried out; the next creation must
// succeed or find a whole repository.
TEST_F(VaultTest, AnInterruptedCreationIsTakenUpAgain) {
  for (const FaultMoment moment : {FaultMoment::before, FaultMoment::after}) {
    for (std::uint64_t n = 1;; ++n) {
      const auto fresh = std::make_shared<MemoryStorage>();
      FaultyStore faulty(std::make_unique<MemoryStore>(fresh));
      faulty.crash_at(n, moment);
      const bool finished = bool(create(faulty));
      MemoryStore healthy(fresh);
      const auto again = create(healthy);
      ASSERT_TRUE(again || again.failed_with(Code::already_exists)) << n << again.error().message();
      const auto vault = open(healthy);
      if (vault) {
        const auto head = (*vault)->read_head(nullptr, {});
        EXPECT_TRUE(head || head.failed_with(Code::corrupt)) << n;
      }
      if (finished) break;
      ASSERT_LT(n, 500U);
    }
  }
}

TEST_F(VaultTest, AWrongKeyIsSaidSoAndNothingIsWritten) {
  ASSERT_TRUE(create(store));
  FaultyStore watched(std::make_unique<MemoryStore>(storage));
  const auto before = names(store);
  EXPECT_TRUE(open(watched, 2).failed_with(Code::wrong_key));
  EXPECT_EQ(names(store), before);
}

TEST_F(VaultTest, CachedKeyObjectsOpenWithoutARequest) {
  const auto keys = create(store);
  ASSERT_TRUE(keys);
  FaultyStore counted(std::make_unique<MemoryStore>(storage));
  ASSERT_TRUE(open(counted, 1, *keys));
  EXPECT_EQ(counted.operations(), 0U);
}

TEST_F(VaultTest, AnExchangedRepositoryObjectIsNoticed) {
  ASSERT_TRUE(create(store));
  RepositoryConfig forged = *decode_repository(get_whole(store, kRepositoryName, 4096, {})->data);
  forged.single_writer = true;  // a downgrade that its own checksum cannot notice
  ASSERT_TRUE(store.put(kRepositoryName, encode_repository(forged), PutCondition::none(), {}));
  EXPECT_TRUE(open(store).failed_with(Code::corrupt));
}

TEST_F(VaultTest, BlobsAreReadOnlyIfTheyAreExactlyWhatTheIndexNames) {
  ASSERT_TRUE(create(store));
  const auto vault = *open(store);
  const Bytes data = to_bytes("content");
  const Sha256Digest digest = sha256(data);
  ASSERT_TRUE(vault->write_blob(digest, data, {}));
  EXPECT_EQ(*vault->read_blob(digest, data.size(), {}), data);
  EXPECT_TRUE(vault->read_blob(digest, data.size() - 1, {}).failed_with(Code::corrupt));
  const Sha256Digest other = sha256(as_bytes("other"));
  const auto missing = vault->read_blob(other, 5, {});
  ASSERT_TRUE(missing.failed_with(Code::corrupt));
  EXPECT_NE(missing.error().message().find(vault->name_of(other)), std::string::npos);
  // A holder of the key who stores a wrong content under that name is noticed too.
  ASSERT_TRUE(vault->write_blob(other, as_bytes("liar!"), {}));
  EXPECT_TRUE(vault->read_blob(other, 5, {}).failed_with(Code::corrupt));
}

TEST_F(VaultTest, TwoPublishersOnOneHeadOneWins) {
  ASSERT_TRUE(create(store));
  const auto a = *open(store);
  const auto b = *open(store);
  const OpenedHead head = *a->read_head(nullptr, {});
  EXPECT_TRUE(publish(*a, head));
  EXPECT_TRUE(publish(*b, head).failed_with(Code::conflict));
  EXPECT_EQ(b->read_head(nullptr, {})->head.generation, 1U);
}

TEST_F(VaultTest, ALostAnswerToTheSwapIsResolvedByReading) {
  ASSERT_TRUE(create(store));
  // Operations of a publish: index, flush, HEAD.
  FaultyStore faulty(std::make_unique<MemoryStore>(storage));
  const auto vault = *open(faulty);
  const OpenedHead head = *vault->read_head(nullptr, {});
  faulty.fail_at(faulty.operations() + 3, FaultMoment::after,
                 Error(Code::transient, "answer lost"));
  const auto published = publish(*vault, head);
  ASSERT_TRUE(published) << published.error().message();
  EXPECT_EQ(published->head.generation, 1U);
}

TEST_F(VaultTest, ALostAnswerIsRecognisedEvenIfSomebodyHasBuiltOnIt) {
  ASSERT_TRUE(create(store));
  FaultyStore faulty(std::make_unique<MemoryStore>(storage));
  const auto vault = *open(faulty);
  const auto other = *open(store);
  const OpenedHead head = *vault->read_head(nullptr, {});
  const std::uint64_t swap = faulty.operations() + 3;
  faulty.call_at(swap, FaultMoment::after,
                 [&] { EXPECT_TRUE(publish(*other, *other->read_head(nullptr, {}), "later")); });
  faulty.fail_at(swap, FaultMoment::after, Error(Code::transient, "answer lost"));
  const auto published = publish(*vault, head);
  ASSERT_TRUE(published) << published.error().message();
  EXPECT_EQ(published->head.generation, 2U);
}

TEST_F(VaultTest, AnOldHeadIsRefusedAndNotRemembered) {
  ASSERT_TRUE(create(store));
  const auto vault = *open(store);
  OpenedHead head = *vault->read_head(nullptr, {});
  head = *publish(*vault, head);
  const Blob old = *get_whole(store, kHeadName, kMaxObjectSizeBytes, {});
  head = *publish(*vault, head);
  ASSERT_TRUE(store.put(kHeadName, old.data, PutCondition::none(), {}));
  EXPECT_TRUE(vault->read_head(nullptr, {}).failed_with(Code::rollback));
  EXPECT_EQ((*vault->memory().load())->generation, 2U);
}

TEST_F(VaultTest, AForkOfTheHistoryIsRefused) {
  ASSERT_TRUE(create(store));
  const auto vault = *open(store);
  const OpenedHead first = *publish(*vault, *vault->read_head(nullptr, {}));
  const Blob at_first = *get_whole(store, kHeadName, kMaxObjectSizeBytes, {});
  ASSERT_TRUE(publish(*vault, first, "seen by this client"));
  // Another client is shown the old HEAD and builds two versions on it.
  const std::string etag = *store.put(kHeadName, at_first.data, PutCondition::none(), {});
  TempFolder elsewhere;
  const auto fooled = *Vault::open(
      store, {},
      [](const RepositoryId&, const KeyKinds&) -> Result<KeySource> { return key_of(1); },
      {system_clock(), system_random(), elsewhere.path(), {}}, {});
  OpenedHead head = *fooled->read_head(nullptr, {});
  head = *publish(*fooled, head, "fork");
  head = *publish(*fooled, head, "fork 2");
  EXPECT_TRUE(vault->read_head(nullptr, {}).failed_with(Code::rollback));
}

TEST_F(VaultTest, TheLogIsWalkedThroughAllSegments) {
  ASSERT_TRUE(create(store));
  const auto vault = *open(store);
  OpenedHead head = *vault->read_head(nullptr, {});
  for (int i = 0; i < 270; ++i)
    head = *publish(*vault, head);
  std::uint64_t expected = 270;
  ASSERT_TRUE(vault->walk_log(head.head,
                              [&](const LogRecord& record) {
                                EXPECT_EQ(record.generation, expected--);
                                return true;
                              },
                              {}));
  EXPECT_EQ(expected, 0U);
}

TEST_F(VaultTest, ADamagedClientMemoryIsNamedAndNothingIsOverwritten) {
  ASSERT_TRUE(create(store));
  const auto vault = *open(store);
  ASSERT_TRUE(publish(*vault, *vault->read_head(nullptr, {})));
  const std::string file = vault->memory().file();
  std::string text = read_text(file);
  text[20] = static_cast<char>(text[20] ^ 1);
  write_text(file, text);
  const auto head = vault->read_head(nullptr, {});
  ASSERT_TRUE(head.failed_with(Code::corrupt));
  EXPECT_NE(head.error().message().find(file), std::string::npos);
  EXPECT_EQ(read_text(file), text);
}

// A store that takes the conditions for granted, like some S3 servers.
class IgnoringStore final : public BlobStore {
 public:
  Result<std::optional<Blob>> get(std::string_view name, const GetOptions& options,
                                  std::stop_token stop) override {
    return inner_.get(name, options, stop);
  }
  Result<Bytes> get_range(std::string_view name, std::uint64_t offset, std::uint64_t length,
                          std::stop_token stop) override {
    return inner_.get_range(name, offset, length, stop);
  }
  Result<std::string> put(std::string_view name, ByteSpan data, const PutCondition&,
                          std::stop_token stop) override {
    return inner_.put(name, data, PutCondition::none(), stop);
  }
  Result<void> remove(std::string_view name, const std::optional<std::string>&,
                      std::stop_token stop) override {
    return inner_.remove(name, std::nullopt, stop);
  }
  Result<ListPage> list(std::string_view prefix, std::string_view start,
                        std::stop_token stop) override {
    return inner_.list(prefix, start, stop);
  }
  Result<void> flush(std::stop_token stop) override { return inner_.flush(stop); }
  std::string describe() const override { return "careless store"; }

 private:
  MemoryStore inner_;
};

TEST_F(VaultTest, TheProbeTellsAGoodStoreFromOneThatIgnoresConditions) {
  EXPECT_EQ(*probe_store(store, system_random(), {}), (StoreCapabilities{true, true, true}));
  IgnoringStore careless;
  EXPECT_EQ(*probe_store(careless, system_random(), {}), StoreCapabilities{});
  EXPECT_TRUE(names(careless).empty());
}

TEST_F(VaultTest, AStoreThatIgnoresConditionsIsUsedOnlyInSingleWriterMode) {
  IgnoringStore careless;
  EXPECT_TRUE(create(careless).failed_with(Code::unsupported));
  EXPECT_TRUE(names(careless).empty());
  CreateOptions options;
  options.single_writer = true;
  ASSERT_TRUE(Vault::create(careless, options, key_of(1), environment(), {}));
  const auto vault = *open(careless);
  EXPECT_TRUE(publish(*vault, *vault->read_head(nullptr, {})));
}

}  // namespace
}  // namespace mikura

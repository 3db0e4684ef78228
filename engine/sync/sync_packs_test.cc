// Many small files travel together: few requests, the same safety.
#include "store/faulty_store.h"
#include "sync/pending_catalogs.h"
#include "sync/sync_test_fixture.h"

namespace mikura {
namespace {

constexpr int kFiles = 40;

void write_many(Machine& machine, const std::string& folder, int count = kFiles) {
  for (int i = 0; i < count; ++i)
    machine.write(folder + "/" + std::to_string(i), folder + std::to_string(i * 7919));
}

class SyncPacks : public SyncTest {
 protected:
  std::size_t count(std::string_view prefix) { return list_all(store, prefix, {})->size(); }
};

TEST_F(SyncPacks, ManySmallFilesBecomeOnePackAndAFewStayAlone) {
  Machine a(store);
  write_many(a, "many");
  a.must_sync();
  EXPECT_EQ(count(kPacksPrefix), 1U);
  EXPECT_EQ(count(kCatalogsPrefix), 1U);
  EXPECT_EQ(count(kObjectsPrefix), 0U);

  a.write("one more", "alone");
  a.must_sync();
  EXPECT_EQ(count(kPacksPrefix), 1U);
  EXPECT_EQ(count(kObjectsPrefix), 1U);
}

TEST_F(SyncPacks, AHandfulOfChunksStaysAlone) {
  Machine a(store);
  write_many(a, "many");
  a.write("large", std::string((1 << 20) + 1, 'x'));
  a.must_sync();
  EXPECT_EQ(count(kPacksPrefix), 1U);
  EXPECT_EQ(count(kObjectsPrefix), 3U);  // one chunk eight times, the last byte, the list
}

TEST_F(SyncPacks, AnotherMachineGetsTheSameTreeWithAHandfulOfRequests) {
  Machine a(store);
  write_many(a, "many");
  write_many(a, "more", 200);
  a.write("twice/1", "the same");
  a.write("twice/2", "the same");
  a.must_sync();

  FaultyStore counted(std::make_unique<MemoryStore>(shared_storage));
  Machine b(counted);
  const auto before = counted.operations();
  b.must_sync();
  EXPECT_EQ(b.everything(), a.everything());
  // HEAD, index, catalog, one range.
  EXPECT_LE(counted.operations() - before, 4U);
}

TEST_F(SyncPacks, WhatAPackHoldsIsNotSentAgain) {
  Machine a(store);
  write_many(a, "many");
  a.must_sync();
  std::filesystem::rename(a.root / "many", a.root / "renamed");
  SyncRequest request;
  request.allow_mass_change = true;
  const std::uint64_t before = a.counts.uploaded_objects;
  const auto report = a.sync(SyncMode::sync, request);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(a.counts.uploaded_objects, before);
  EXPECT_EQ(count(kPacksPrefix), 1U);
}

TEST_F(SyncPacks, EveryOldVersionStaysReadable) {
  Machine a(store);
  write_many(a, "many");
  a.must_sync();
  const auto first = a.everything();
  a.remove("many");
  write_many(a, "new");
  SyncRequest request;
  request.allow_mass_change = true;
  ASSERT_TRUE(a.sync(SyncMode::sync, request));
  EXPECT_EQ(count(kCatalogsPrefix), 2U);

  Machine b(store);
  b.must_sync();
  const auto head = b.vault->read_head(nullptr, {});
  const LogRecord old = head->head.log_tail.front();
  const auto index = b.vault->read_index(old.version, old.index_sha256, {});
  ASSERT_TRUE(index);
  for (const Entry& entry : index->index.entries) {
    if (entry.kind != EntryKind::file) continue;
    const auto data = b.vault->read_blob(entry.sha256, entry.size_bytes, {});
    ASSERT_TRUE(data) << entry.path << ": " << data.error().message();
    EXPECT_TRUE(first.contains(entry.path + "=" + std::string(as_text(*data))));
  }
}

TEST_F(SyncPacks, AFileThatChangesDuringThePushIsPublishedAsItIs) {
  Machine a(store);
  write_many(a, "many");
  FaultyStore meddled(std::make_unique<MemoryStore>(shared_storage));
  Machine b(meddled);
  write_many(b, "theirs");
  // The first operation after HEAD and before the upload: the scan has been made.
  bool changed = false;
  for (std::uint64_t n = 1; n < 4; ++n) {
    meddled.call_at(meddled.operations() + n, FaultMoment::after, [&] {
      if (!changed) b.write("theirs/3", "changed meanwhile");
      changed = true;
    });
  }
  b.must_sync();
  a.must_sync();
  EXPECT_EQ(a.read("theirs/3"), "changed meanwhile");
}

// Killed after the pack and its catalog were stored: the next run publishes them and sends nothing
// again.
TEST_F(SyncPacks, AKilledPushGoesOnWithThePacksItHadSent) {
  for (std::uint64_t n = 1;; ++n) {
    const auto fresh = std::make_shared<MemoryStorage>();
    MemoryStore healthy(fresh);
    ASSERT_TRUE(create_in(healthy));
    FaultyStore dying(std::make_unique<MemoryStore>(fresh));
    Machine a(dying);
    write_many(a, "many");
    dying.crash_at(dying.operations() + n, FaultMoment::after);
    const bool finished = bool(a.sync());
    dying.heal();
    a.reopen();
    const auto again = a.sync();
    ASSERT_TRUE(again) << n << ": " << again.error().message();
    // If only the end of the run was lost, HEAD names them already.
    const auto head = a.vault->read_head(nullptr, {});
    const auto pending = pending_catalogs(*a.state, 0);
    for (const std::string& catalog : *pending)
      ASSERT_EQ(std::ranges::count(head->head.catalogs, catalog), 1) << n;
    Machine b(healthy);
    b.must_sync();
    ASSERT_EQ(b.everything(), a.everything()) << n;
    if (finished) break;
    const auto packs = list_all(healthy, kPacksPrefix, {})->size();
    EXPECT_LE(packs, 2U);
    ASSERT_LT(n, 100U);
  }
}

TEST_F(SyncPacks, WithoutItsStateAKilledPushSendsAnewAndLosesNothing) {
  FaultyStore dying(std::make_unique<MemoryStore>(shared_storage));
  Machine a(dying);
  write_many(a, "many");
  dying.crash_at(dying.operations() + 4, FaultMoment::after);
  EXPECT_FALSE(a.sync());
  dying.heal();
  ASSERT_TRUE(a.state->forget_uploads());
  ASSERT_TRUE(forget_pending_catalogs(*a.state));
  a.must_sync();
  Machine b(store);
  b.must_sync();
  EXPECT_EQ(b.everything(), a.everything());
}

TEST_F(SyncPacks, ADamagedPackStopsThePullBeforeAnythingIsTouched) {
  Machine a(store);
  write_many(a, "many");
  a.must_sync();
  FaultyStore rotten(std::make_unique<MemoryStore>(shared_storage));
  Machine b(rotten);
  b.write("mine", "mine");
  const auto before = b.everything();
  rotten.flip_byte(list_all(store, kPacksPrefix, {})->front().name, 200);
  const auto report = b.sync();
  ASSERT_TRUE(report.failed_with(Code::corrupt));
  EXPECT_EQ(b.everything(), before);
}

TEST_F(SyncPacks, PendingCatalogsOfAnotherCleanUpEpochAreForgotten) {
  Machine a(store);
  ASSERT_TRUE(add_pending_catalog(*a.state, 3, "catalogs/x"));
  ASSERT_TRUE(add_pending_catalog(*a.state, 3, "catalogs/y"));
  EXPECT_EQ(*pending_catalogs(*a.state, 3), (std::vector<std::string>{"catalogs/x", "catalogs/y"}));
  EXPECT_TRUE(pending_catalogs(*a.state, 4)->empty());
  ASSERT_TRUE(forget_pending_catalogs(*a.state));
  EXPECT_TRUE(pending_catalogs(*a.state, 3)->empty());
}

}  // namespace
}  // namespace mikura

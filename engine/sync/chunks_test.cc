// Large files travel in chunks: what an edit costs, up and down.
#include "store/faulty_store.h"
#include "sync/chunks_test_fixture.h"

namespace mikura {
namespace {

constexpr std::size_t kMiB = 1 << 20;

TEST_F(SyncChunks, TenBytesInsertedIntoALargeFileCostATenthOfAPercentOrTwo) {
  const std::string before = noise(48 * kMiB);
  Machine a(counted);
  Machine b(counted);
  a.write("large", before);
  a.must_sync();
  b.must_sync();
  std::string after = before;
  after.insert(24 * kMiB, "ten bytes!");
  a.write("large", after);
  counted.take();
  a.must_sync();
  const auto sent = counted.take();
  EXPECT_LE(sent.sent_bytes, before.size() * 2 / 1000);
  EXPECT_LE(sent.writes, 10U);
  b.must_sync();
  const auto received = counted.take();
  EXPECT_LE(received.received_bytes, before.size() * 2 / 1000);
  EXPECT_TRUE(b.read("large") == after);
}

TEST_F(SyncChunks, TwentyRowsOfADatabaseCostOnePercent) {
  std::string data = database(60 * kMiB);
  Machine a(counted);
  Machine b(counted);
  a.write("data.db", data);
  a.must_sync();
  b.must_sync();
  for (std::size_t row = 0; row < 20; ++row)
    data.replace(100'000 + row * 3'100'007, 40, noise(40, row));
  data[27] ^= 1;  // the change counter of the header
  a.write("data.db", data);
  counted.take();
  a.must_sync();
  const auto sent = counted.take();
  EXPECT_LE(sent.sent_bytes, data.size() / 100);
  b.must_sync();
  EXPECT_LE(counted.take().received_bytes, data.size() / 100);
  EXPECT_TRUE(b.read("data.db") == data);
}

TEST_F(SyncChunks, AGrowingLogSendsItsEnd) {
  std::string log = noise(6 * kMiB);
  Machine a(counted);
  a.write("log", log);
  a.must_sync();
  for (int i = 0; i < 5; ++i) {
    log += noise(10'000, 100 + static_cast<std::uint64_t>(i));
    a.write("log", log);
    counted.take();
    a.must_sync();
    EXPECT_LE(counted.take().sent_bytes, 300'000U) << i;
  }
  Machine b(store);
  b.must_sync();
  EXPECT_TRUE(b.read("log") == log);
}

TEST_F(SyncChunks, EverySizeArrives) {
  Machine a(store);
  const std::vector<std::size_t> sizes{0, 1, kMiB - 1, kMiB, kMiB + 1, 5 * kMiB, 17 * kMiB};
  for (const std::size_t size : sizes)
    a.write("f" + std::to_string(size), noise(size, size));
  a.write("zeros", std::string(3 * kMiB, '\0'));
  a.must_sync();
  for (const std::size_t size : sizes) {
    const Entry entry = entry_of(a, "f" + std::to_string(size));
    EXPECT_EQ(entry.form, size < kMiB ? ContentForm::whole : ContentForm::chunks) << size;
  }
  Machine b(store);
  b.must_sync();
  EXPECT_TRUE(b.everything() == a.everything());
  EXPECT_TRUE(b.must_sync().actions.empty());
  EXPECT_TRUE(a.must_sync().actions.empty());
}

TEST_F(SyncChunks, ARepeatedChunkIsStoredOnce) {
  Machine a(counted);
  a.write("zeros", std::string(20 * kMiB, '\0'));
  counted.take();
  a.must_sync();
  EXPECT_LE(counted.take().sent_bytes, 100'000U);
}

TEST_F(SyncChunks, OnlyLongListsNeedTheNewFormat) {
  Machine a(store);
  a.write("short", noise(kMiB));
  a.must_sync();
  EXPECT_LT(min_format(a), kFormatWithChunkParts);
  a.write("long", noise(12 * kMiB));
  a.must_sync();
  EXPECT_EQ(min_format(a), kFormatWithChunkParts);
  Machine b(store);
  b.write("another", "file");
  b.must_sync();
  EXPECT_EQ(min_format(b), kFormatWithChunkParts) << "it stays so for others who publish";
}

TEST_F(SyncChunks, ARenamedOrTouchedLargeFileSendsNothingOfIt) {
  Machine a(counted);
  a.write("large", noise(8 * kMiB));
  a.write("other", "1");
  a.must_sync();
  counted.take();
  std::filesystem::rename(a.root / "large", a.root / "renamed");
  a.must_sync();
  EXPECT_LE(counted.take().sent_bytes, 20'000U);
  std::filesystem::permissions(a.root / "renamed", std::filesystem::perms::owner_all);
  a.must_sync();
  EXPECT_LE(counted.take().sent_bytes, 20'000U);
  std::filesystem::last_write_time(a.root / "renamed",
                                   std::filesystem::file_time_type::clock::now());
  a.write("other", "2");
  a.must_sync();
  EXPECT_LE(counted.take().sent_bytes, 20'000U);
  Machine b(store);
  b.must_sync();
  EXPECT_TRUE(b.everything() == a.everything());
}

TEST_F(SyncChunks, WithoutItsStateAMachineStillSendsOnlyTheEdit) {
  Machine a(store);
  std::string data = noise(16 * kMiB);
  a.write("large", data);
  a.must_sync();
  Machine b(counted);
  b.must_sync();
  data.insert(5 * kMiB, "more");
  b.write("large", data);
  ASSERT_TRUE(b.state->drop_cached_object("chunk-list/large"));
  counted.take();
  b.must_sync();
  EXPECT_LE(counted.take().sent_bytes, 300'000U);
}

TEST_F(SyncChunks, AConflictCopyIsRebuiltFromTheLocalFile) {
  Machine a(store);
  Machine b(counted);
  const std::string data = noise(10 * kMiB);
  a.write("large", data);
  a.must_sync();
  b.must_sync();
  const std::string theirs = "front" + data;
  const std::string ours = data + "end";
  a.write("large", theirs);
  a.must_sync();
  b.write("large", ours);
  counted.take();
  b.must_sync();
  EXPECT_LE(counted.take().received_bytes, kMiB);
  const auto copies = b.conflict_copies();
  ASSERT_EQ(copies.size(), 1U);
  EXPECT_TRUE(b.read(copies[0]) == theirs);
  EXPECT_TRUE(b.read("large") == ours);
}

TEST_F(SyncChunks, WhatTheLocalFileLostMeanwhileIsFetched) {
  Machine a(store);
  std::string data = noise(10 * kMiB);
  a.write("large", data);
  a.must_sync();
  FaultyStore meddled(view());
  Machine b(meddled);
  b.must_sync();
  data.replace(9 * kMiB, 100, std::string(100, 'x'));
  a.write("large", data);
  a.must_sync();
  // In the middle of the download, behind the scan.
  bool changed = false;
  for (std::uint64_t n = 3; n < 6; ++n) {
    meddled.call_at(meddled.operations() + n, FaultMoment::after, [&] {
      if (!changed) b.write("large", std::string(10 * kMiB, 'z'));
      changed = true;
    });
  }
  b.must_sync();
  ASSERT_TRUE(changed);
  const auto copies = b.conflict_copies();
  if (copies.empty()) {
    EXPECT_TRUE(b.read("large") == data);
  } else {
    EXPECT_TRUE(b.read(copies[0]) == data);
    EXPECT_TRUE(b.read("large") == std::string(10 * kMiB, 'z'));
  }
}

TEST_F(SyncChunks, AFileThatChangesDuringTheUploadIsPublishedAsItIs) {
  FaultyStore meddled(view());
  Machine a(meddled);
  a.packs.max_group_bytes = kMiB;
  a.write("large", noise(6 * kMiB));
  const std::string changed = noise(6 * kMiB, 2);
  meddled.call_at(meddled.operations() + 3, FaultMoment::after, [&] { a.write("large", changed); });
  a.must_sync();
  a.must_sync();
  Machine b(store);
  b.must_sync();
  EXPECT_TRUE(b.read("large") == changed);
}

// Cut off after each of its requests: the next run completes, and sends only what is missing.
TEST_F(SyncChunks, AFailedUploadGoesOnWhereItStopped) {
  const std::string data = noise(5 * kMiB);
  for (std::uint64_t n = 1;; ++n) {
    const auto fresh = std::make_shared<MemoryStorage>();
    MemoryStore healthy(fresh);
    ASSERT_TRUE(create_in(healthy));
    FaultyStore failing(std::make_unique<MemoryStore>(fresh));
    Machine a(failing, 1);
    a.packs.max_group_bytes = kMiB;
    a.write("large", data);
    failing.fail_at(failing.operations() + n, FaultMoment::before, Error(Code::denied, "no"));
    const bool finished = bool(a.sync());
    failing.heal();
    const std::uint64_t sent = a.counts.uploaded_bytes;
    a.reopen();
    const auto again = a.sync();
    ASSERT_TRUE(again) << n << ": " << again.error().message();
    // Packs count once their catalog is stored: if that is what failed, they travel again.
    if (sent < data.size()) {
      EXPECT_LE(a.counts.uploaded_bytes, 5 * kMiB + 2 * kMiB) << n << ", " << sent << " at first";
    }
    Machine b(healthy);
    b.must_sync();
    ASSERT_TRUE(b.read("large") == data) << n;
    if (finished) break;
    ASSERT_LT(n, 60U);
  }
}

TEST_F(SyncChunks, AKilledUploadGoesOn) {
  const std::string data = noise(3 * kMiB);
  for (std::uint64_t n = 1;; ++n) {
    const auto fresh = std::make_shared<MemoryStorage>();
    MemoryStore healthy(fresh);
    ASSERT_TRUE(create_in(healthy));
    FaultyStore dying(std::make_unique<MemoryStore>(fresh));
    Machine a(dying);
    a.packs.max_group_bytes = kMiB;
    a.write("large", data);
    dying.crash_at(dying.operations() + n, n % 2 == 0 ? FaultMoment::before : FaultMoment::after);
    const bool finished = bool(a.sync());
    dying.heal();
    a.reopen();
    a.must_sync();
    Machine b(healthy);
    b.must_sync();
    ASSERT_TRUE(b.read("large") == data) << n;
    if (finished) break;
    ASSERT_LT(n, 60U);
  }
}

}  // namespace
}  // namespace mikura

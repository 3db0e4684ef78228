// Large trees: a version in segments costs what changed, and is as safe as any other.
#include <filesystem>

#include "store/faulty_store.h"
#include "sync/sync_test_fixture.h"
#include "sync/versions.h"
#include "testing/counting_store.h"

namespace mikura {
namespace {

constexpr int kFiles = 1100;

void write_tree(Machine& machine, int files = kFiles) {
  for (int i = 0; i < files; ++i) {
    const std::string folder = "folder-" + std::to_string(100 + i / 50);
    machine.write(folder + "/file-" + std::to_string(10'000 + i), std::to_string(i));
  }
}

std::string some_path(int i) {
  return "folder-" + std::to_string(100 + i / 50) + "/file-" + std::to_string(10'000 + i);
}

class SyncSegments : public SyncTest {
 protected:
  std::vector<SegmentRef> segments(Machine& machine) {
    const auto head = machine.vault->read_head(nullptr, {});
    EXPECT_TRUE(head) << head.error().message();
    const auto root =
        machine.vault->read_index_root(head->head.version, head->head.index_sha256, {});
    EXPECT_TRUE(root) << root.error().message();
    return root->root.segments;
  }
  std::uint32_t min_format(Machine& machine) {
    return machine.vault->read_head(nullptr, {})->head.min_format;
  }
};

TEST_F(SyncSegments, ALargeTreeIsPublishedInSegmentsAndArrivesWhole) {
  Machine a(store);
  write_tree(a, 3000);
  a.must_sync();
  EXPECT_GE(segments(a).size(), 2U);
  EXPECT_EQ(min_format(a), kFormatWithSegments);
  Machine b(store);
  b.must_sync();
  EXPECT_EQ(b.everything(), a.everything());
  EXPECT_FALSE(b.must_sync().published);
}

TEST_F(SyncSegments, ASmallTreeIsOneObjectAndTheFormatStaysTheOldOne) {
  Machine a(store);
  write_tree(a, 100);
  a.must_sync();
  EXPECT_TRUE(segments(a).empty());
  EXPECT_EQ(min_format(a), kFormatWithCatalogs);
}

TEST_F(SyncSegments, ATreeThatGrowsAndShrinksChangesItsForm) {
  Machine a(store);
  write_tree(a, 1000);
  a.must_sync();
  EXPECT_TRUE(segments(a).empty());
  write_tree(a);
  a.must_sync();
  EXPECT_FALSE(segments(a).empty());
  for (int i = 300; i < kFiles; ++i)
    a.remove(some_path(i));
  SyncRequest request;
  request.allow_mass_change = true;
  ASSERT_TRUE(a.sync(SyncMode::sync, request));
  EXPECT_TRUE(segments(a).empty());
  EXPECT_EQ(min_format(a), kFormatWithSegments);  // the older version is still there
  Machine b(store);
  b.must_sync();
  EXPECT_EQ(b.everything(), a.everything());
}

// Issue 6: at most 6 requests and 4 round trips for one changed file; one request for none.
TEST_F(SyncSegments, OneChangedFileCostsAHandfulOfRequestsAndNoChangeCostsOne) {
  Machine a(store);
  write_tree(a, 6000);
  a.must_sync();

  auto counting = std::make_unique<CountingStore>(std::make_unique<MemoryStore>(shared_storage));
  Machine b(*counting);
  b.must_sync();
  counting->take();
  b.must_sync();
  EXPECT_EQ(counting->take().requests(), 1U);

  const auto before = segments(a);
  b.write(some_path(3000), "changed");
  ASSERT_TRUE(b.must_sync().published);
  const auto counts = counting->take();
  EXPECT_LE(counts.requests(), 6U);
  EXPECT_LE(counts.in_a_row, 4U);
  // The file, one segment, the list of segments, HEAD.
  EXPECT_LE(counts.sent_bytes, 150'000U);
  EXPECT_LE(counts.largest_index_bytes, 400 + before.size() * 64);
  std::size_t fresh = 0;
  for (const SegmentRef& segment : segments(a))
    fresh += std::ranges::count(before, segment) == 0 ? 1 : 0;
  EXPECT_EQ(fresh, 1U);
  b.must_sync();
  const auto unchanged = counting->take();
  EXPECT_EQ(unchanged.requests(), 1U);
  EXPECT_EQ(unchanged.sent_bytes + unchanged.received_bytes, 0U);
}

TEST_F(SyncSegments, APullFetchesOnlyTheSegmentsThatChanged) {
  Machine a(store);
  write_tree(a, 4000);
  a.must_sync();
  FaultyStore counted(std::make_unique<MemoryStore>(shared_storage));
  Machine b(counted);
  b.must_sync();
  a.write(some_path(700), "changed");
  a.must_sync();
  const auto before = counted.operations();
  b.must_sync();
  // HEAD, index, segment, file; and the flush of nothing.
  EXPECT_LE(counted.operations() - before, 5U);
  EXPECT_EQ(b.everything(), a.everything());
}

// Cut off before and after each request of a publish: the next run completes it.
TEST_F(SyncSegments, APublishThatWasCutOffAnywhereIsCompletedByTheNextRun) {
  FaultyStore dying(std::make_unique<MemoryStore>(shared_storage));
  Machine a(dying);
  write_tree(a);
  a.must_sync();
  Machine b(store);
  b.must_sync();
  int edit = 0;
  for (const FaultMoment moment : {FaultMoment::before, FaultMoment::after}) {
    for (std::uint64_t n = 1;; ++n) {
      a.write(some_path(edit * 37 % kFiles), "edit " + std::to_string(edit));
      a.write("new-" + std::to_string(1000 + edit++), "new");
      dying.crash_at(dying.operations() + n, moment);
      const bool finished = bool(a.sync());
      dying.heal();
      a.reopen();
      const auto again = a.sync();
      ASSERT_TRUE(again) << n << ": " << again.error().message();
      b.must_sync();
      ASSERT_EQ(b.everything(), a.everything()) << n;
      EXPECT_TRUE(b.conflict_copies().empty());
      if (finished) break;
      ASSERT_LT(n, 30U);
    }
  }
  Machine fresh(store);
  fresh.must_sync();
  EXPECT_EQ(fresh.everything(), a.everything());
}

// The first publish sends many segments, in a pack.
TEST_F(SyncSegments, AFirstPublishThatWasCutOffGoesOn) {
  for (std::uint64_t n = 2; n < 40; n += 3) {
    const auto fresh = std::make_shared<MemoryStorage>();
    MemoryStore healthy(fresh);
    ASSERT_TRUE(create_in(healthy));
    FaultyStore dying(std::make_unique<MemoryStore>(fresh));
    Machine a(dying);
    write_tree(a);
    dying.crash_at(dying.operations() + n, FaultMoment::after);
    const bool finished = bool(a.sync());
    dying.heal();
    a.reopen();
    const auto again = a.sync();
    ASSERT_TRUE(again) << n << ": " << again.error().message();
    Machine b(healthy);
    b.must_sync();
    ASSERT_EQ(b.everything(), a.everything()) << n;
    if (finished) break;
  }
}

TEST_F(SyncSegments, ManySegmentsTravelInAPack) {
  Machine a(store);
  a.packs.min_files = 2;
  write_tree(a, 3000);
  a.must_sync();
  const std::size_t count = segments(a).size();
  ASSERT_GE(count, 2U);
  // None lies alone.
  EXPECT_TRUE(list_all(store, kObjectsPrefix, {})->empty());
  FaultyStore counted(std::make_unique<MemoryStore>(shared_storage));
  Machine b(counted);
  const auto before = counted.operations();
  b.must_sync();
  // HEAD, index, two catalogs, one range of segments, one or two of files.
  EXPECT_LE(counted.operations() - before, 7U);
  EXPECT_EQ(b.everything(), a.everything());
}

TEST_F(SyncSegments, EveryOldVersionStaysReadable) {
  Machine a(store);
  write_tree(a);
  a.must_sync();
  a.write(some_path(5), "changed");
  a.must_sync();
  Machine b(store);
  const auto head = b.vault->read_head(nullptr, {});
  const LogRecord old = head->head.log_tail.front();
  const auto index = b.vault->read_index(old.version, old.index_sha256, {});
  ASSERT_TRUE(index) << index.error().message();
  EXPECT_EQ(find_entry(index->index.entries, some_path(5))->sha256, sha256(as_bytes("5")));
  const auto cached = load_index(b.context(), old.version, old.index_sha256, {});
  ASSERT_TRUE(cached);
  EXPECT_EQ(*cached, index->index);
}

TEST_F(SyncSegments, ADamagedSegmentInTheStoreStopsThePullBeforeAnythingIsTouched) {
  Machine a(store);
  write_tree(a);
  a.must_sync();
  for (const SegmentRef& segment : segments(a)) {
    FaultyStore rotten(std::make_unique<MemoryStore>(shared_storage));
    rotten.flip_byte(a.vault->name_of(segment.sha256), 200);
    Machine b(rotten);
    b.write("mine", "mine");
    const auto before = b.everything();
    ASSERT_TRUE(b.sync().failed_with(Code::corrupt));
    EXPECT_EQ(b.everything(), before);
  }
}

TEST_F(SyncSegments, AMissingSegmentIsNamed) {
  Machine a(store);
  write_tree(a);
  a.must_sync();
  const std::string name = a.vault->name_of(segments(a).front().sha256);
  ASSERT_TRUE(store.remove(name, std::nullopt, {}));
  Machine b(store);
  const auto report = b.sync();
  ASSERT_TRUE(report.failed_with(Code::corrupt));
  EXPECT_NE(report.error().message().find(name), std::string::npos) << report.error().message();
  // Who has it does not miss it.
  a.write(some_path(1), "changed");
  EXPECT_TRUE(a.sync());
}

// What the cache gives is checked like what the store gives.
TEST_F(SyncSegments, ADamagedSegmentInTheCacheIsFetchedAgain) {
  Machine a(store);
  write_tree(a);
  a.must_sync();
  const auto all = segments(a);
  const auto good = a.state->cached_segment(all[0].sha256);
  ASSERT_TRUE(good && *good);
  Bytes bad = **good;
  bad[bad.size() / 2] ^= std::byte{1};
  ASSERT_TRUE(a.state->cache_segments(std::vector{CachedSegment{all[0].sha256, bad}}));
  const auto report = a.must_sync();
  EXPECT_FALSE(report.published);
  EXPECT_EQ(**a.state->cached_segment(all[0].sha256), **good);
}

}  // namespace
}  // namespace mikura

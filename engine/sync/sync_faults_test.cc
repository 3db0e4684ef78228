// The n-th store operation fails, for every n: whatever happens, nothing is lost and the next run
// finishes the work.
#include <gtest/gtest.h>

#include "store/faulty_store.h"
#include "sync/sync_test_fixture.h"

namespace mikura {
namespace {

// Two machines with edits on both sides, an addition, a deletion, a conflict; then one sync of b
// through a store that fails.
struct Scene {
  explicit Scene(const std::shared_ptr<MemoryStorage>& storage)
      : store(storage), faulty(std::make_unique<MemoryStore>(storage)), a(store, 1), b(faulty, 1) {
    a.write("same", "unchanged");
    a.write("by a", "1");
    a.write("by b", "1");
    a.write("both", "1");
    a.write("folder/gone", "1");
    a.must_sync();
    b.must_sync(SyncMode::pull);
    a.write("by a", "2 from a");
    a.write("both", "2 from a");
    a.write("new/by a", "new");
    a.remove("folder");
    a.must_sync();
    b.write("by b", "2 from b");
    b.write("both", "2 from b, longer");
    b.write("new/by b", "new too");
    operations_before = faulty.operations();
  }

  MemoryStore store;
  FaultyStore faulty;
  Machine a;
  Machine b;
  std::uint64_t operations_before = 0;
};

class SyncFaults : public ::testing::TestWithParam<FaultMoment> {
 protected:
  static std::shared_ptr<MemoryStorage> fresh_repository() {
    auto storage = std::make_shared<MemoryStorage>();
    MemoryStore store(storage);
    TempFolder creator;
    EXPECT_TRUE(Vault::create(store, {}, test_key(),
                              {system_clock(), system_random(), creator.path(), {}}, {}));
    return storage;
  }

  // After the faults: b finishes, a follows; everything that anybody wrote is there.
  static void expect_all_is_well(Scene& scene, std::uint64_t n) {
    scene.faulty.heal();
    scene.b.reopen();
    auto finished = scene.b.sync();
    ASSERT_TRUE(finished) << n << ": " << finished.error().message();
    EXPECT_EQ(finished->conflicts.size(), 1U) << n;
    scene.a.must_sync();
    EXPECT_EQ(scene.b.read("both"), "2 from b, longer") << n;
    const auto copies = scene.b.conflict_copies();
    ASSERT_EQ(copies.size(), 1U) << n;
    EXPECT_EQ(scene.b.read(copies[0]), "2 from a") << n;
    EXPECT_EQ(scene.a.read("by b"), "2 from b") << n;
    EXPECT_EQ(scene.b.read("by a"), "2 from a") << n;
    EXPECT_EQ(scene.a.read("new/by b"), "new too") << n;
    EXPECT_EQ(scene.b.read("new/by a"), "new") << n;
    EXPECT_FALSE(scene.b.exists("folder")) << n;
    EXPECT_FALSE(scene.b.must_sync().published) << n;
  }
};

TEST_P(SyncFaults, OneFailedOperationAnywhereLosesNothing) {
  for (std::uint64_t n = 1;; ++n) {
    Scene scene(fresh_repository());
    scene.faulty.fail_at(scene.operations_before + n, GetParam(),
                         Error(Code::transient, "network"));
    const auto result = scene.b.sync();
    EXPECT_TRUE(result || result.failed_with(Code::transient))
        << n << ": " << result.error().message();
    const bool reached = scene.faulty.operations() >= scene.operations_before + n;
    expect_all_is_well(scene, n);
    if (!reached || ::testing::Test::HasFatalFailure()) break;
    ASSERT_LT(n, 200U);
  }
}

TEST_P(SyncFaults, AStoreThatDiesAtAnyMomentLosesNothing) {
  for (std::uint64_t n = 1;; ++n) {
    Scene scene(fresh_repository());
    scene.faulty.crash_at(scene.operations_before + n, GetParam());
    const bool done = bool(scene.b.sync());
    expect_all_is_well(scene, n);
    if (done || ::testing::Test::HasFatalFailure()) break;
    ASSERT_LT(n, 200U);
  }
}

INSTANTIATE_TEST_SUITE_P(Moments, SyncFaults,
                         ::testing::Values(FaultMoment::before, FaultMoment::after),
                         [](const auto& moment) {
                           return std::string(moment.param == FaultMoment::before ? "Before"
                                                                                  : "After");
                         });

using SyncStress = SyncTest;

TEST_F(SyncStress, ManyWritersAtOnceAllGetThroughIntoOneLinearHistory) {
  constexpr unsigned kWriters = 8;
  constexpr unsigned kRounds = 5;
  std::vector<std::unique_ptr<Machine>> machines;
  for (unsigned i = 0; i < kWriters; ++i)
    machines.push_back(std::make_unique<Machine>(store, 1));
  const auto done =
      for_each_bounded(kWriters, kWriters, {}, [&](std::size_t i, std::stop_token) -> Result<void> {
        for (unsigned round = 0; round < kRounds; ++round) {
          machines[i]->write("from " + std::to_string(i) + "/" + std::to_string(round),
                             std::to_string(round));
          TRY_ASSIGN(const SyncReport report, machines[i]->sync());
          EXPECT_TRUE(report.published);
        }
        return {};
      });
  ASSERT_TRUE(done) << done.error().message();
  for (auto& machine : machines)
    machine->must_sync();
  for (auto& machine : machines)
    EXPECT_EQ(machine->everything(), machines[0]->everything());
  EXPECT_EQ(machines[0]->must_sync().generation, kWriters * kRounds);
  for (auto& machine : machines)
    EXPECT_TRUE(machine->conflict_copies().empty());
}

TEST_F(SyncStress, AnyChangedObjectStopsTheCloneAndLeavesTheFolderUntouched) {
  Machine a(store);
  a.write("one", "content one");
  a.write("two/three", std::string(70'000, 'x'));
  a.must_sync();
  const auto listed = list_all(store, "", {});
  for (const ListedBlob& blob : *listed) {
    if (blob.name == kRepositoryName || blob.name.starts_with(kKeysPrefix)) continue;
    const Blob good = *get_whole(store, blob.name, kMaxObjectSizeBytes, {});
    for (const std::size_t at : {std::size_t{0}, good.data.size() / 2, good.data.size() - 1}) {
      Bytes bad = good.data;
      bad[at] ^= std::byte{1};
      ASSERT_TRUE(store.put(blob.name, bad, PutCondition::none(), {}));
      Machine b(store);
      const auto pulled = b.sync(SyncMode::pull);
      ASSERT_TRUE(pulled.failed_with(Code::corrupt)) << blob.name;
      EXPECT_NE(pulled.error().message().find(blob.name), std::string::npos)
          << pulled.error().message();
      EXPECT_TRUE(b.everything().empty()) << blob.name;
    }
    ASSERT_TRUE(store.put(blob.name, good.data, PutCondition::none(), {}));
  }
}

}  // namespace
}  // namespace mikura

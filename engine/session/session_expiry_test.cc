// A whole push whose S3 session runs out on the way: after twelve hours by a clock that the test
// moves, or early, before any one of its requests.
#include <gtest/gtest.h>

#include "store/faulty_store.h"
#include "store/s3_sessions_test_support.h"
#include "sync/sync_test_fixture.h"

namespace mikura {
namespace {

using std::chrono::hours;

// A repository at a server of its own, and a machine that reaches it through a store that can be
// told when hours pass.
class Expiry {
 public:
  Expiry() {
    const VaultEnvironment environment{system_clock(), system_random(), creator_.path(), {}};
    const auto created = Vault::create(store, {}, test_key(), environment, {});
    EXPECT_TRUE(created) << created.error().message();
    machine.emplace(store);
  }

  // Enough for a pack, and some that are stored alone.
  void write_files() {
    for (int i = 0; i < 40; ++i)
      machine->write("notes/" + std::to_string(i) + ".txt", "note " + std::to_string(i));
    for (int i = 0; i < 4; ++i)
      machine->write("large" + std::to_string(i),
                     std::string(700'000 + 400'000 * (i % 2), 'x') + std::to_string(i));
  }

  std::uint64_t generation() {
    const auto head = machine->vault->read_head(nullptr, {});
    EXPECT_TRUE(head) << head.error().message();
    return head ? head->head.generation : 0;
  }

  S3Sessions sessions;
  FaultyStore store{sessions.open()};
  std::optional<Machine> machine;

 private:
  TempFolder creator_;
};

std::uint64_t requests_of_a_push() {
  Expiry world;
  world.write_files();
  const std::uint64_t before = world.store.operations();
  world.machine->must_sync(SyncMode::push);
  return world.store.operations() - before;
}

TEST(SessionExpiry, TwelveHoursInTheMiddleOfAPushChangeNothingWhereverTheyPass) {
  const std::uint64_t requests = requests_of_a_push();
  ASSERT_GE(requests, 5U);
  for (std::uint64_t n = 1; n <= requests; ++n) {
    SCOPED_TRACE("before request " + std::to_string(n) + " of " + std::to_string(requests));
    Expiry world;
    world.write_files();
    world.store.call_at(world.store.operations() + n, FaultMoment::before, [&] {
      world.sessions.clock.move(hours(12));
      world.sessions.end_all();
    });
    const int tokens = world.sessions.tokens;
    const auto pushed = world.machine->sync(SyncMode::push);
    ASSERT_TRUE(pushed) << pushed.error().message();
    EXPECT_EQ(world.sessions.tokens, tokens + 1) << "the session was renewed once";
    EXPECT_EQ(world.generation(), 1U);

    Machine other(world.store);
    other.must_sync();
    EXPECT_EQ(other.everything(), world.machine->everything());
  }
}

// Refused as expired, although by what was said it had hours to go.
TEST(SessionExpiry, ASessionThatEndsEarlyIsRenewedInTheMiddleOfAPush) {
  const std::uint64_t requests = requests_of_a_push();
  for (std::uint64_t n = 1; n <= requests; ++n) {
    SCOPED_TRACE("before request " + std::to_string(n) + " of " + std::to_string(requests));
    Expiry world;
    world.write_files();
    world.store.call_at(world.store.operations() + n, FaultMoment::before,
                        [&] { world.sessions.end_all(); });
    const auto pushed = world.machine->sync(SyncMode::push);
    ASSERT_TRUE(pushed) << pushed.error().message();
    Machine other(world.store);
    other.must_sync();
    EXPECT_EQ(other.everything(), world.machine->everything());
  }
}

TEST(SessionExpiry, APushWhoseSessionCannotBeRenewedSaysSoAndTheNextOneCompletes) {
  const std::uint64_t requests = requests_of_a_push();
  for (std::uint64_t n = 1; n <= requests; ++n) {
    SCOPED_TRACE("before request " + std::to_string(n) + " of " + std::to_string(requests));
    Expiry world;
    world.write_files();
    const auto tree = world.machine->everything();
    world.store.call_at(world.store.operations() + n, FaultMoment::before, [&] {
      world.sessions.clock.move(hours(12));
      world.sessions.end_all();
      world.sessions.gives = false;
    });
    const auto refused = world.machine->sync(SyncMode::push);
    ASSERT_FALSE(refused);
    // The service answers 403: it should have given keys, and did not.
    EXPECT_TRUE(refused.error().code() == Code::denied ||
                refused.error().code() == Code::no_credentials)
        << code_name(refused.error().code()) << ": " << refused.error().message();
    EXPECT_EQ(world.machine->everything(), tree);

    world.sessions.gives = true;
    // A minute passes between two attempts to renew.
    world.sessions.clock.move(std::chrono::minutes(2));
    EXPECT_EQ(world.generation(), 0U) << "no half of a version is to be seen";
    world.machine->must_sync(SyncMode::push);
    EXPECT_EQ(world.generation(), 1U);
    Machine other(world.store);
    other.must_sync();
    EXPECT_EQ(other.everything(), tree);
  }
}

}  // namespace
}  // namespace mikura

// What others do while a run is at work, and what must be on disk when.
#include <gtest/gtest.h>

#include <climits>

#include "sync/dying_tree_test_fixture.h"
#include "sync/sync_test_fixture.h"

namespace mikura {
namespace {

class MeanwhileTest : public SyncTest {
 protected:
  // Before each call of the machine's engine to its tree.
  static void before_calls(Machine& machine, std::function<void(std::string_view)> action) {
    auto tree = std::make_unique<DyingTree>(std::move(machine.tree), UINT_MAX, false);
    tree->before_calls(std::move(action));
    machine.tree = std::move(tree);
  }

  Bytes head() { return get_whole(store, kHeadName, kMaxObjectSizeBytes, {})->data; }
};

// A power cut would take the file and leave the version: the loss would pass for a deletion.
TEST_F(MeanwhileTest, WhatIsPublishedIsFlushedHereBefore) {
  Machine a(store);
  a.write("f", "1");
  a.must_sync();
  a.write("f", "2");
  const Bytes before = head();
  unsigned flushes_before_head = 0;
  before_calls(a, [&](std::string_view call) {
    if (call == "flush" && head() == before) ++flushes_before_head;
  });
  EXPECT_TRUE(a.must_sync().published);
  EXPECT_GT(flushes_before_head, 0U);
}

TEST_F(MeanwhileTest, AFolderThatGoesWhileAConflictCopyIsPlacedInItIsLookedAtAgain) {
  Machine a(store, 1);
  Machine b(store, 1);
  a.write("d/f", "1");
  a.must_sync();
  b.must_sync(SyncMode::pull);
  a.write("d/f", "2 by a");
  a.must_sync();
  b.write("d/f", "2 by b");
  bool gone = false;
  before_calls(b, [&](std::string_view call) {
    if (call != "place_file" || gone) return;
    gone = true;
    b.remove("d");
  });
  const auto report = b.sync();
  ASSERT_TRUE(report) << report.error().message();
  ASSERT_TRUE(gone);
  EXPECT_EQ(b.read("d/f"), "2 by a") << "an edit wins over a deletion";
  EXPECT_TRUE(b.conflict_copies().empty());
  b.reopen();
  b.must_sync();
  EXPECT_EQ(b.everything(true), a.everything(true));
  const auto conflicts = b.state->conflicts();
  ASSERT_TRUE(conflicts);
  EXPECT_TRUE(conflicts->empty()) << "what was announced is none any more";
}

// The edit comes at every moment in turn.
TEST_F(MeanwhileTest, AnEditDuringAnApplyIsNeverLost) {
  for (unsigned n = 0;; ++n) {
    ASSERT_LT(n, 200U);
    MemoryStore fresh(std::make_shared<MemoryStorage>());
    ASSERT_TRUE(create_in(fresh));
    Machine a(fresh, 1);
    Machine b(fresh, 1);
    a.write("f", "1");
    a.write("g", "1");
    a.must_sync();
    b.must_sync(SyncMode::pull);
    a.write("f", "2 by a");
    a.remove("g");
    a.must_sync();
    unsigned calls = 0;
    before_calls(b, [&](std::string_view) {
      if (calls++ != n) return;
      b.write("f", "2 by b, longer");
      b.write("g", "2 by b, longer");
    });
    b.must_sync();
    if (calls <= n) break;
    b.reopen();
    b.must_sync();
    const auto all = b.everything(true);
    const bool kept = b.read("f") == "2 by b, longer";
    EXPECT_TRUE(kept) << n;
    EXPECT_EQ(b.read("g"), "2 by b, longer") << n;
    const auto copies = b.conflict_copies();
    EXPECT_TRUE(copies.empty() || b.read(copies[0]) == "2 by a") << n;
  }
}

}  // namespace
}  // namespace mikura

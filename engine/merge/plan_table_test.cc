// The table of docs/sync.md as data: every edge of it is a test of its own name, tried with every
// combination of kinds, contents and modes that lies on it; and no combination lies on none.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>

#include "merge/plan.h"
#include "merge/tree_text.h"

namespace mikura {
namespace {

// What one side did since the base.
enum class Done : std::uint8_t { nothing, edited, added, deleted, never_there };

enum class Outcome : std::uint8_t {
  nothing,
  brought,
  removed_here,
  published,
  removed_there,
  conflict,
};

struct Edge {
  const char* name;
  Done local;
  Done remote;
  bool alike;  // both sides are the same now
  Outcome outcome;
  Outcome of_two_folders;  // they never conflict
};

// `edited` is a new content, mode or target, or another kind.
constexpr std::array kTable = {
    Edge{"NobodyDidAnything", Done::nothing, Done::nothing, true, Outcome::nothing,
         Outcome::nothing},
    Edge{"EditedThere", Done::nothing, Done::edited, false, Outcome::brought, Outcome::brought},
    Edge{"DeletedThere", Done::nothing, Done::deleted, false, Outcome::removed_here,
         Outcome::removed_here},
    Edge{"EditedHere", Done::edited, Done::nothing, false, Outcome::published, Outcome::published},
    Edge{"EditedOnBothSides", Done::edited, Done::edited, false, Outcome::conflict,
         Outcome::brought},
    Edge{"EditedAlikeOnBothSides", Done::edited, Done::edited, true, Outcome::nothing,
         Outcome::nothing},
    Edge{"EditedHereAndDeletedThere", Done::edited, Done::deleted, false, Outcome::published,
         Outcome::published},
    Edge{"DeletedHere", Done::deleted, Done::nothing, false, Outcome::removed_there,
         Outcome::removed_there},
    Edge{"DeletedHereAndEditedThere", Done::deleted, Done::edited, false, Outcome::brought,
         Outcome::brought},
    Edge{"DeletedOnBothSides", Done::deleted, Done::deleted, true, Outcome::nothing,
         Outcome::nothing},
    Edge{"AddedHere", Done::added, Done::never_there, false, Outcome::published,
         Outcome::published},
    Edge{"AddedThere", Done::never_there, Done::added, false, Outcome::brought, Outcome::brought},
    Edge{"AddedOnBothSides", Done::added, Done::added, false, Outcome::conflict, Outcome::brought},
    Edge{"AddedAlikeOnBothSides", Done::added, Done::added, true, Outcome::nothing,
         Outcome::nothing},
    Edge{"NeverThere", Done::never_there, Done::never_there, true, Outcome::nothing,
         Outcome::nothing},
};

using Value = std::optional<Entry>;

// Nothing, and three each of files, folders and symlinks; one file differs in its mode alone.
std::vector<Value> values() {
  std::vector<Value> all{std::nullopt};
  for (const char* content : {"1", "2"})
    all.emplace_back(file_entry("p", content));
  all.emplace_back(file_entry("p", "1"))->mode = 0755;
  for (const std::uint16_t mode : {0755, 0700, 0750})
    all.emplace_back(directory_entry("p"))->mode = mode;
  for (const char* target : {"x", "y", "z"})
    all.emplace_back(symlink_entry("p", target));
  return all;
}

bool alike(const Value& a, const Value& b) {
  if (!a || !b) return !a && !b;
  return same_content(*a, *b);
}

Done done(const Value& base, const Value& side) {
  if (!base) return side ? Done::added : Done::never_there;
  if (!side) return Done::deleted;
  return alike(base, side) ? Done::nothing : Done::edited;
}

bool is_folder(const Value& value) {
  return value && value->kind == EntryKind::directory;
}

struct Combination {
  Value base, local, remote;
};

std::vector<Combination> combinations() {
  std::vector<Combination> all;
  for (const Value& base : values()) {
    for (const Value& local : values()) {
      for (const Value& remote : values())
        all.push_back({base, local, remote});
    }
  }
  return all;
}

bool lies_on(const Combination& c, const Edge& edge) {
  return done(c.base, c.local) == edge.local && done(c.base, c.remote) == edge.remote &&
         alike(c.local, c.remote) == edge.alike;
}

std::vector<Entry> tree(const Value& value) {
  if (!value) return {};
  return {*value};
}

Outcome planned(const Combination& c) {
  const std::vector<Entry> base = tree(c.base);
  const std::vector<Entry> local = tree(c.local);
  const std::vector<Entry> remote = tree(c.remote);
  const Plan plan = make_plan({base, local, remote, {}, {}});
  if (plan.items.empty()) return Outcome::nothing;
  EXPECT_EQ(plan.items.size(), 1U);
  const PlanItem& item = plan.items.front();
  if (item.conflict) {
    EXPECT_EQ(item.local_op, LocalOp::none);
    EXPECT_EQ(item.remote_op, RemoteOp::none);
    return Outcome::conflict;
  }
  EXPECT_NE(item.local_op == LocalOp::none, item.remote_op == RemoteOp::none) << "one of them";
  if (item.local_op == LocalOp::remove) return Outcome::removed_here;
  if (item.local_op != LocalOp::none) return Outcome::brought;
  return item.remote_op == RemoteOp::remove ? Outcome::removed_there : Outcome::published;
}

class PlanTable : public ::testing::TestWithParam<Edge> {};

TEST_P(PlanTable, Edge) {
  const Edge& edge = GetParam();
  unsigned tried = 0;
  for (const Combination& c : combinations()) {
    if (!lies_on(c, edge)) continue;
    ++tried;
    const bool two_folders = is_folder(c.local) && is_folder(c.remote);
    EXPECT_EQ(planned(c), two_folders ? edge.of_two_folders : edge.outcome)
        << to_text(tree(c.base)) << " | " << to_text(tree(c.local)) << " | "
        << to_text(tree(c.remote));
  }
  EXPECT_GT(tried, 0U) << "no combination lies on this edge";
}

INSTANTIATE_TEST_SUITE_P(Of, PlanTable, ::testing::ValuesIn(kTable),
                         [](const auto& edge) { return std::string(edge.param.name); });

TEST(PlanTableIsComplete, EveryCombinationLiesOnExactlyOneEdge) {
  for (const Combination& c : combinations()) {
    EXPECT_EQ(std::ranges::count_if(kTable, [&](const Edge& edge) { return lies_on(c, edge); }), 1)
        << to_text(tree(c.base)) << " | " << to_text(tree(c.local)) << " | "
        << to_text(tree(c.remote));
  }
}

}  // namespace
}  // namespace mikura

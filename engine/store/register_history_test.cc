#include "store/register_history.h"

#include <gtest/gtest.h>

namespace mikura {
namespace {

using Kind = RegisterCall::Kind;

RegisterCall call(Kind kind, int value, int expected, bool succeeded, std::uint64_t began,
                  std::uint64_t ended) {
  return {.kind = kind,
          .succeeded = succeeded,
          .value = value,
          .expected = expected,
          .began = began,
          .ended = ended};
}

TEST(RegisterHistory, AcceptsCallsInAnyOrderThatExplainsThem) {
  EXPECT_TRUE(is_linearizable({}, 0));
  // The get overlaps the put and may see either.
  const auto put = call(Kind::put, 2, 0, true, 1, 4);
  EXPECT_TRUE(is_linearizable({put, call(Kind::get, 1, 0, true, 2, 3)}, 1));
  EXPECT_TRUE(is_linearizable({put, call(Kind::get, 2, 0, true, 2, 3)}, 1));
}

TEST(RegisterHistory, RejectsAStaleRead) {
  EXPECT_FALSE(
      is_linearizable({call(Kind::put, 2, 0, true, 1, 2), call(Kind::get, 1, 0, true, 3, 4)}, 1));
}

TEST(RegisterHistory, RejectsTwoWinners) {
  EXPECT_FALSE(is_linearizable(
      {call(Kind::create, 1, 0, true, 1, 4), call(Kind::create, 2, 0, true, 2, 3)}, 0));
  EXPECT_FALSE(
      is_linearizable({call(Kind::swap, 2, 1, true, 1, 4), call(Kind::swap, 3, 1, true, 2, 3)}, 1));
}

TEST(RegisterHistory, RejectsASwapThatLosesAPut) {
  // 5 is put between the check and the write of a swap from 1 to 2: whoever reads afterwards sees
  // 2, and 5 is lost.
  const auto swap = call(Kind::swap, 2, 1, true, 1, 9);
  const auto put = call(Kind::put, 5, 0, true, 2, 3);
  const auto sees_put = call(Kind::get, 5, 0, true, 4, 5);
  EXPECT_FALSE(is_linearizable({swap, put, sees_put, call(Kind::get, 2, 0, true, 10, 11)}, 1));
  EXPECT_TRUE(is_linearizable({swap, put, sees_put, call(Kind::get, 5, 0, true, 10, 11)}, 1));
}

TEST(RegisterHistory, RejectsAFailureWithoutAReason) {
  EXPECT_FALSE(is_linearizable({call(Kind::create, 1, 0, false, 1, 2)}, 0));
  EXPECT_FALSE(is_linearizable({call(Kind::swap, 2, 1, false, 1, 2)}, 1));
  EXPECT_FALSE(is_linearizable({call(Kind::remove_if, 0, 1, false, 1, 2)}, 1));
  EXPECT_TRUE(is_linearizable({call(Kind::remove_if, 0, 1, true, 1, 2)}, 0));
}

}  // namespace
}  // namespace mikura

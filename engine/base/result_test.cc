#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace mikura {
namespace {

Result<int> parse_even(int value) {
  if (value % 2 != 0) return Error(Code::invalid, "odd");
  return value;
}

Result<int> twice(int value) {
  TRY_ASSIGN(const int even, parse_even(value));
  return 2 * even;
}

Result<void> check_both(int a, int b) {
  TRY(parse_even(a));
  TRY(parse_even(b));
  return {};
}

TEST(Result, TryPassesValuesOnAndReturnsTheFirstError) {
  EXPECT_EQ(*twice(4), 8);
  EXPECT_TRUE(twice(3).failed_with(Code::invalid));
  EXPECT_TRUE(check_both(2, 4));
  EXPECT_FALSE(check_both(2, 3));
}

TEST(Result, CarriesMoveOnlyValues) {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(7));
  const std::unique_ptr<int> value = *std::move(result);
  EXPECT_EQ(*value, 7);
}

TEST(Error, ContextIsPutInFrontAndTheDeepestHintStays) {
  const Error error = Error(Code::io, "disk on fire")
                          .with_hint("call")
                          .with_hint("run")
                          .with_context("reading HEAD");
  EXPECT_EQ(error.message(), "reading HEAD: disk on fire");
  EXPECT_EQ(error.hint(), "call");
}

}  // namespace
}  // namespace mikura

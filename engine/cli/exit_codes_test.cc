#include "cli/exit_codes.h"

#include <gtest/gtest.h>

#include <map>

namespace mikura {
namespace {

// docs/commands.md, "Exit codes". Scripts depend on these numbers.
const std::map<Code, int> kExpected = {
    {Code::not_found, 1},   {Code::already_exists, 1}, {Code::conflict, 1},  {Code::transient, 7},
    {Code::denied, 4},      {Code::no_credentials, 4}, {Code::wrong_key, 5}, {Code::corrupt, 6},
    {Code::rollback, 6},    {Code::cancelled, 130},    {Code::invalid, 2},   {Code::refused, 8},
    {Code::unsupported, 1}, {Code::busy, 1},           {Code::full, 1},      {Code::io, 1},
    {Code::internal, 1},
};

TEST(ExitCodes, EveryCodeHasItsNumber) {
  constexpr auto kLast = static_cast<unsigned>(Code::internal);
  for (unsigned number = 0; number <= kLast; ++number) {
    const Code code = static_cast<Code>(number);
    const auto expected = kExpected.find(code);
    ASSERT_NE(expected, kExpected.end()) << code_name(code) << " is missing in this table";
    EXPECT_EQ(static_cast<int>(exit_for(code)), expected->second) << code_name(code);
  }
}

}  // namespace
}  // namespace mikura

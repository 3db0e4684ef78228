#include "format/path.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/utf8.h"

namespace mikura {
namespace {

TEST(Path, OrdinaryAndOddNamesAreAllowed) {
  for (const char* path :
       {"a", "a/b/c", "with space", "new\nline", "日本語/😀", "back\\slash", "C:x", "trailing.",
        "con", "a/.mikura", ".gitignore", "conflict-notes.txt", "conflict-20260101.txt"}) {
    EXPECT_TRUE(validate_path(path)) << path;
  }
  EXPECT_TRUE(validate_path(std::string(255, 'x')));
}

TEST(Path, WhatCouldLeaveTheRootOrHarmIsRefused) {
  for (const char* path :
       {"", "/", "/abs", "a//b", "a/", ".", "..", "../x", "a/../b", "a/./b", ".mikura", ".MIKURA/x",
        ".git", "a/.git/config", "a/.GIT", "conflict-20260102.030405.x",
        "a/conflict-20260102.030405.2.x/b", "bad\xffutf8", "\xc0\xae\xc0\xae/x"}) {
    EXPECT_TRUE(validate_path(path).failed_with(Code::corrupt)) << path;
  }
  EXPECT_FALSE(validate_path(std::string_view("a\0b", 3)));
  EXPECT_FALSE(validate_path(std::string(256, 'x')));
  EXPECT_FALSE(validate_path(std::string(2100, 'a') + "/" + std::string(2100, 'b')));
}

TEST(Path, NamesThatOtherPlatformsCannotHoldAreReported) {
  for (const char* name :
       {"con", "CON.txt", "com1", "LPT9.log", "a:b", "a?", "x.", "x ", "tab\t", "com\xC2\xB9"})
    EXPECT_TRUE(portability_problem(name)) << name;
  for (const char* name : {"console", "com", "com10", "a.b", "日本"})
    EXPECT_FALSE(portability_problem(name)) << name;
}

TEST(Path, PartsAndContainment) {
  EXPECT_EQ(parent_path("a/b/c"), "a/b");
  EXPECT_EQ(parent_path("a"), "");
  EXPECT_EQ(file_name("a/b"), "b");
  EXPECT_TRUE(is_within("a/b", "a"));
  EXPECT_TRUE(is_within("a", "a"));
  EXPECT_TRUE(is_within("a", ""));
  EXPECT_FALSE(is_within("ab", "a"));
}

TEST(ConflictCopy, IsNamedAsTheSpecificationSays) {
  EXPECT_EQ(conflict_copy_name("a.txt", "20260102.030405", 1), "conflict-20260102.030405.a.txt");
  EXPECT_EQ(conflict_copy_name("a.txt", "20260102.030405", 2), "conflict-20260102.030405.2.a.txt");
}

RC_GTEST_PROP(ConflictCopy, AlwaysFitsIsRecognisedAndStaysUtf8,
              (std::string stem, unsigned counter)) {
  std::string name = stem + "御.txt";
  while (name.size() < 200)
    name += "é御😀";
  name =
      std::string(utf8_prefix(is_valid_utf8(name) ? name : std::string(100, 'x') + "御御御", 255));
  const std::string copy = conflict_copy_name(name, "20260102.030405", counter % 100);
  RC_ASSERT(copy.size() <= kMaxComponentBytes);
  RC_ASSERT(is_conflict_copy_name(copy));
  RC_ASSERT(is_valid_utf8(copy));
}

}  // namespace
}  // namespace mikura

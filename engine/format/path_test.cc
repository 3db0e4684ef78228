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

TEST(Path, NamesThatWindowsReservesAreReportedInEveryDisguise) {
  for (const char* name : {"CON", "con.txt", "Nul.tar.gz", "aux ", "PRN .log", "com1",
                           "LPT\xC2\xB3.x", "conin$", "CONOUT$"}) {
    EXPECT_TRUE(portability_problem(name)) << name;
  }
  for (const char* name : {"com0", "lpt", "lpt12", "auxiliary", "con-x", "x.con"})
    EXPECT_FALSE(portability_problem(name)) << name;
}

TEST(Path, NamesThatStandForGitElsewhereAreReported) {
  for (const char* name :
       {"git~1", "GIT~1", ".g\u200Cit", "\uFEFF.git", ".git\u202E", ".GI\u206AT"}) {
    EXPECT_TRUE(validate_path(name)) << "on this system it is an ordinary name";
    const auto problem = portability_problem(name);
    ASSERT_TRUE(problem) << name;
    EXPECT_NE(problem->find(".git"), std::string::npos) << *problem;
  }
  for (const char* name : {".gitignore", "git~2", ".g\u2018it", "git", ".git\u00e9"})
    EXPECT_FALSE(portability_problem(name)) << name;
}

TEST(Path, OneComponentHasNoSlash) {
  EXPECT_TRUE(validate_component("a", true));
  EXPECT_TRUE(validate_component(".mikura", false));
  EXPECT_FALSE(validate_component(".mikura", true));
  EXPECT_FALSE(validate_component("a/b", false));
  EXPECT_FALSE(validate_component("", false));
}

TEST(Path, ErrorsSayWhatIsWrong) {
  EXPECT_EQ(validate_path("a/../b").error().message(),
            "a path in the index is not allowed: a component that points elsewhere");
}

// Any string, of bytes that matter: what is accepted joins to itself from valid components, and
// leads nowhere else.
RC_GTEST_PROP(Path, WhatIsAcceptedIsMadeOfValidComponents,
              (const std::vector<std::uint8_t>& numbers)) {
  static constexpr std::string_view kPieces[] = {"/",
                                                 ".",
                                                 "..",
                                                 "a",
                                                 ".git",
                                                 "GIT",
                                                 ".mikura",
                                                 "\xc3\xa9",
                                                 "\xc3",
                                                 std::string_view("\0", 1),
                                                 "conflict-20260102.030405.",
                                                 "b c"};
  std::string path;
  for (const std::uint8_t number : numbers)
    path += kPieces[number % std::size(kPieces)];
  const bool accepted = validate_path(path).has_value();
  bool right = !path.empty() && path.size() <= kMaxPathBytes;
  std::string_view rest = path;
  for (bool is_first = true;; is_first = false) {
    const std::size_t slash = rest.find('/');
    right = right && validate_component(rest.substr(0, slash), is_first).has_value();
    if (slash == std::string_view::npos) break;
    rest.remove_prefix(slash + 1);
  }
  RC_ASSERT(accepted == right);
  if (!accepted) return;
  RC_ASSERT(is_valid_utf8(path));
  RC_ASSERT(("/" + path + "/").find("/../") == std::string::npos);
  RC_ASSERT(("/" + path + "/").find("/./") == std::string::npos);
  RC_ASSERT(("/" + path + "/").find("//") == std::string::npos);
  RC_ASSERT(is_within(path, parent_path(path)));
  const std::string joined = parent_path(path).empty() ? std::string(file_name(path))
                                                       : std::string(parent_path(path)) + "/" +
                                                             std::string(file_name(path));
  RC_ASSERT(joined == path);
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

TEST(ConflictCopy, ALongNameIsCutBetweenCharactersAndKeepsItsExtension) {
  const std::string long_name = std::string(100, 'x') + std::string(50 * 3, 'y') + ".json";
  const std::string copy = conflict_copy_name(long_name, "20260102.030405", 1);
  EXPECT_EQ(copy.size(), 255U);
  EXPECT_TRUE(copy.ends_with("y.json"));
  std::string wide;
  for (int i = 0; i < 80; ++i)
    wide += "御";
  const std::string cut = conflict_copy_name(wide + ".txt", "20260102.030405", 1);
  EXPECT_LE(cut.size(), 255U);
  EXPECT_GE(cut.size(), 253U);
  EXPECT_TRUE(cut.ends_with("御.txt"));
  EXPECT_TRUE(is_valid_utf8(cut));
  // What follows the last dot is no extension if it is as long as a name.
  const std::string dotted = "a." + std::string(253, 'z');
  EXPECT_EQ(conflict_copy_name(dotted, "20260102.030405", 12),
            "conflict-20260102.030405.12.a." + std::string(225, 'z'));
  // Nor is a hidden file's name.
  EXPECT_TRUE(conflict_copy_name("." + std::string(254, 'h'), "20260102.030405", 1)
                  .starts_with("conflict-20260102.030405..hhh"));
}

TEST(KeptCopy, IsNamedSoThatPeopleSeeWhoseItIs) {
  EXPECT_EQ(kept_copy_name("notes.txt", "laptop", "2026-11-25 12.03", 1),
            "notes (laptop, 2026-11-25 12.03).txt");
  EXPECT_EQ(kept_copy_name("notes.txt", "laptop", "2026-11-25 12.03", 2),
            "notes (laptop, 2026-11-25 12.03, 2).txt");
  EXPECT_EQ(kept_copy_name("Makefile", "", "2026-11-25 12.03", 1), "Makefile (2026-11-25 12.03)");
  EXPECT_EQ(kept_copy_name(".env", "御蔵", "2026-11-25 12.03", 1), ".env (御蔵, 2026-11-25 12.03)");
}

TEST(KeptCopy, ADeviceNameCannotBreakTheName) {
  EXPECT_EQ(kept_copy_name("a.txt", "../e:v*i\nl (x), \"y\"", "t", 1), "a (..evil x y, t).txt");
  EXPECT_EQ(kept_copy_name("a.txt", "\xff", "t", 1), "a (t).txt");
  const std::string long_name =
      kept_copy_name(std::string(251, 'n') + ".txt", std::string(99, 'd'), "t", 9);
  EXPECT_EQ(long_name.size(), 255U);
  EXPECT_TRUE(long_name.ends_with("n (" + std::string(40, 'd') + ", t, 9).txt"));
}

TEST(ConflictCopy, OnlyTheExactPatternIsOne) {
  for (const char* name :
       {"conflict-20260102.030405.x", "conflict-20260102.030405.2.x", "conflict-00000000.000000. "})
    EXPECT_TRUE(is_conflict_copy_name(name)) << name;
  for (const char* name : {"conflict-20260102.030405.", "conflict-20260102.030405",
                           "Conflict-20260102.030405.x", "conflict-2026010a.030405.x",
                           "conflict-20260102-030405.x", "xconflict-20260102.030405.x", ""}) {
    EXPECT_FALSE(is_conflict_copy_name(name)) << name;
  }
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

#include "local/ignore.h"

#include <gtest/gtest.h>

namespace mikura {
namespace {

using Verdict = IgnoreRules::Verdict;
enum class Node { file, folder };

Verdict verdict(std::string_view rules, std::string_view path, Node node = Node::file) {
  return IgnoreRules::parse(rules).match(path, node == Node::folder);
}

bool ignores(std::string_view rules, std::string_view path, Node node = Node::file) {
  return verdict(rules, path, node) == Verdict::ignored;
}

TEST(IgnoreRules, APatternWithoutASlashMeetsTheNameAtAnyDepth) {
  EXPECT_TRUE(ignores("foo", "foo"));
  EXPECT_TRUE(ignores("foo", "a/b/foo"));
  EXPECT_FALSE(ignores("foo", "foo.c"));
  EXPECT_FALSE(ignores("foo", "foo/bar")) << "the folder is pruned; what is in it is not asked for";
  EXPECT_TRUE(ignores("*.o", "a/b.o"));
  EXPECT_TRUE(ignores("*.o", ".o"));
  EXPECT_FALSE(ignores("*.o", "b.o.c"));
  EXPECT_TRUE(ignores("f?o[a-c]*", "x/fooby"));
}

TEST(IgnoreRules, APatternWithASlashMeetsThePathFromItsFolder) {
  EXPECT_TRUE(ignores("/foo", "foo"));
  EXPECT_FALSE(ignores("/foo", "a/foo"));
  EXPECT_TRUE(ignores("a/foo", "a/foo"));
  EXPECT_FALSE(ignores("a/foo", "b/a/foo"));
  EXPECT_TRUE(ignores("/*.c", "x.c"));
  EXPECT_FALSE(ignores("/*.c", "a/x.c"));
  EXPECT_TRUE(ignores("doc/*.txt", "doc/a.txt"));
  EXPECT_FALSE(ignores("doc/*.txt", "doc/b/a.txt"));
}

TEST(IgnoreRules, ASlashAtTheEndMeansFoldersOnlyAndDoesNotAnchor) {
  EXPECT_TRUE(ignores("build/", "build", Node::folder));
  EXPECT_FALSE(ignores("build/", "build", Node::file));
  EXPECT_TRUE(ignores("build/", "a/build", Node::folder));
  EXPECT_TRUE(ignores("/build/", "build", Node::folder));
  EXPECT_FALSE(ignores("/build/", "a/build", Node::folder));
  EXPECT_FALSE(ignores("build//", "build", Node::folder));
}

TEST(IgnoreRules, DoubleStarsStandForFolders) {
  EXPECT_TRUE(ignores("**/foo", "foo"));
  EXPECT_TRUE(ignores("**/foo/bar", "a/b/foo/bar"));
  EXPECT_TRUE(ignores("abc/**", "abc/d/e"));
  EXPECT_FALSE(ignores("abc/**", "abc", Node::folder));
  EXPECT_TRUE(ignores("a/**/b", "a/b"));
  EXPECT_TRUE(ignores("a/**/b", "a/x/y/b"));
}

// since git 2.52; before, what followed the literal part was matched as if it began the path.
TEST(IgnoreRules, DoubleStarsBehindALiteralAreOrdinaryStars) {
  EXPECT_FALSE(ignores("/foo**/bar", "foobar"));
  EXPECT_FALSE(ignores("/foo**/bar", "foo/x/bar"));
  EXPECT_TRUE(ignores("/foo**/bar", "foox/bar"));
}

TEST(IgnoreRules, TheLastMatchingRuleWins) {
  EXPECT_EQ(verdict("*.c\n!keep.c\n", "keep.c"), Verdict::included);
  EXPECT_EQ(verdict("*.c\n!keep.c\n", "other.c"), Verdict::ignored);
  EXPECT_EQ(verdict("!keep.c\n*.c\n", "keep.c"), Verdict::ignored);
  EXPECT_EQ(verdict("*.c\n", "x.h"), Verdict::none);
}

TEST(IgnoreRules, ABackslashQuotesTheFirstCharacter) {
  EXPECT_TRUE(ignores("\\#x", "#x"));
  EXPECT_TRUE(ignores("\\!x", "!x"));
  EXPECT_FALSE(ignores("#x", "#x"));
  EXPECT_EQ(verdict("!!x", "!x"), Verdict::included);
  EXPECT_TRUE(ignores("\\f\\o\\o", "foo"));
  EXPECT_TRUE(ignores("a\\*", "a*"));
  EXPECT_FALSE(ignores("a\\*", "ab"));
}

TEST(IgnoreRules, ABackslashAtTheEndMatchesNothing) {
  EXPECT_EQ(verdict("foo\\", "foo"), Verdict::none);
  EXPECT_EQ(verdict("foo\\", "foo\\"), Verdict::none);
  EXPECT_TRUE(ignores("foo\\\\", "foo\\"));
}

TEST(IgnoreRules, SpacesAtTheEndDoNotCountUnlessQuoted) {
  EXPECT_TRUE(ignores("foo   ", "foo"));
  EXPECT_TRUE(ignores("foo\\ ", "foo "));
  EXPECT_FALSE(ignores("foo\\ ", "foo"));
  EXPECT_TRUE(ignores("foo\\  ", "foo "));
  EXPECT_TRUE(ignores("foo \\ \\   ", "foo   "));
  EXPECT_TRUE(ignores(" foo", " foo")) << "at the front they do";
  EXPECT_TRUE(ignores("foo\t", "foo\t")) << "tabs always do";
  EXPECT_TRUE(ignores("build/  ", "build", Node::folder));
}

TEST(IgnoreRules, LinesEndWithLfOrCrLf) {
  EXPECT_TRUE(ignores("foo\r\nbar\r\n", "foo"));
  EXPECT_TRUE(ignores("foo\r\nbar\r", "bar"));
  EXPECT_TRUE(ignores("foo\r\r\n", "foo\r"));
  EXPECT_TRUE(ignores("foo\n\n\r\nbar", "bar"));
  EXPECT_FALSE(ignores("foo \r\n", "foo "));
}

TEST(IgnoreRules, AByteOrderMarkIsSkippedAtTheStartOnly) {
  EXPECT_TRUE(ignores("\xEF\xBB\xBF*.c\n", "a.c"));
  EXPECT_FALSE(ignores("\xEF\xBB\xBF#a\n", "#a"));
  EXPECT_FALSE(
      ignores("x\n\xEF\xBB\xBF"
              "foo\n",
              "foo"));
}

TEST(IgnoreRules, WhatFollowsANulIsNotSeen) {
  using std::string_view_literals::operator""sv;
  EXPECT_TRUE(ignores("foo\0bar\nx"sv, "foo"));
  EXPECT_TRUE(ignores("foo\0bar\nx"sv, "x"));
  EXPECT_TRUE(IgnoreRules::parse("\0foo"sv).empty());
}

TEST(IgnoreRules, LinesThatSayNothingAreNoRules) {
  for (const std::string_view line : {"", "\n", "   ", "/", "//", "!", "!/", "# comment", "\r"}) {
    EXPECT_TRUE(IgnoreRules::parse(line).empty()) << line;
  }
}

TEST(IgnoreRules, MalformedBracketsMatchNothing) {
  EXPECT_EQ(verdict("a[b", "a[b"), Verdict::none);
  EXPECT_EQ(verdict("[!", "x"), Verdict::none);
  EXPECT_EQ(verdict("[[:nothing:]]", "n"), Verdict::none);
}

TEST(IgnoreRules, AreCaseSensitive) {
  EXPECT_FALSE(ignores("foo", "FOO"));
  EXPECT_FALSE(ignores("[a-z]", "Q"));
}

TEST(IgnoreRules, TooLongLinesAndTooManyRulesAreLeftOut) {
  const std::string long_line(65 * 1024, 'a');
  EXPECT_TRUE(IgnoreRules::parse(long_line).empty());
  EXPECT_TRUE(ignores(long_line + "\nfoo\n", "foo"));
  std::string many;
  for (int i = 0; i < 100'000; ++i)
    many += "x\n";
  EXPECT_FALSE(ignores(many + "foo\n", "foo"));
  EXPECT_TRUE(ignores(many + "foo\n", "x"));
}

TEST(IgnoreScope, DeeperFoldersWin) {
  const IgnoreScope root = IgnoreScope().enter("", {IgnoreRules::parse("*.o\nlog")});
  const IgnoreScope inner = root.enter("a/b", {IgnoreRules::parse("!*.o\n/only")});
  EXPECT_TRUE(root.is_ignored("x.o", false));
  EXPECT_FALSE(inner.is_ignored("a/b/x.o", false));
  EXPECT_FALSE(inner.is_ignored("a/b/c/x.o", false));
  EXPECT_TRUE(inner.is_ignored("a/b/log", false)) << "what the inner file does not speak of";
  EXPECT_TRUE(inner.is_ignored("a/b/only", false));
  EXPECT_FALSE(inner.is_ignored("a/b/c/only", false));
  EXPECT_TRUE(root.is_ignored("a/b/x.o", false)) << "the outer scope is as it was";
}

TEST(IgnoreScope, TheLaterFileOfAFolderHasTheLastWord) {
  const IgnoreScope scope =
      IgnoreScope().enter("", {IgnoreRules::parse("*.o\n!a.o"), IgnoreRules::parse("a.o\n!b.o")});
  EXPECT_TRUE(scope.is_ignored("a.o", false));
  EXPECT_FALSE(scope.is_ignored("b.o", false));
  EXPECT_TRUE(scope.is_ignored("c.o", false));
}

TEST(IgnoreScope, WithoutRulesIgnoresNothing) {
  EXPECT_FALSE(IgnoreScope().is_ignored("a/b", false));
  EXPECT_FALSE(IgnoreScope().enter("a", {}).is_ignored("a/b", true));
}

}  // namespace
}  // namespace mikura

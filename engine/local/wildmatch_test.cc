#include "local/wildmatch.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace mikura {
namespace {

struct Fact {
  std::string pattern;
  std::string text;
  bool matches = false;
};

std::vector<Fact> read_facts() {
  std::ifstream file(MIKURA_SOURCE_DIR "/tests/vectors/ignore/wildmatch.tsv");
  std::vector<Fact> facts;
  std::string line;
  std::getline(file, line);  // the heading
  while (std::getline(file, line)) {
    const std::size_t first = line.find('\t');
    const std::size_t second = line.find('\t', first + 1);
    facts.push_back({line.substr(0, first), line.substr(first + 1, second - first - 1),
                     line.substr(second + 1) == "yes"});
  }
  return facts;
}

TEST(Wildmatch, AgreesWithTheFactsAboutGit) {
  const std::vector<Fact> facts = read_facts();
  EXPECT_EQ(facts.size(), 186U);
  for (const Fact& fact : facts) {
    EXPECT_EQ(wildmatch_path(fact.pattern, fact.text), fact.matches)
        << fact.pattern << " against " << fact.text;
  }
}

TEST(Wildmatch, AStarStopsAtASlash) {
  EXPECT_TRUE(wildmatch_path("a*c", "abc"));
  EXPECT_TRUE(wildmatch_path("a*c", "ac"));
  EXPECT_FALSE(wildmatch_path("a*c", "a/c"));
  EXPECT_TRUE(wildmatch_path("*/c", "ab/c"));
  EXPECT_FALSE(wildmatch_path("*/c", "a/b/c"));
  EXPECT_TRUE(wildmatch_path("*/*c", "a/bc"));
}

TEST(Wildmatch, TwoStarsStandForFoldersOnlyBetweenSlashes) {
  EXPECT_TRUE(wildmatch_path("**/c", "c"));
  EXPECT_TRUE(wildmatch_path("**/c", "a/b/c"));
  EXPECT_TRUE(wildmatch_path("a/**/c", "a/c"));
  EXPECT_TRUE(wildmatch_path("a/**/c", "a/b/b/c"));
  EXPECT_TRUE(wildmatch_path("a/**", "a/b/c"));
  EXPECT_FALSE(wildmatch_path("a/**", "a"));
  EXPECT_FALSE(wildmatch_path("a**/c", "a/b/c"));
  EXPECT_TRUE(wildmatch_path("a**/c", "ab/c"));
  EXPECT_FALSE(wildmatch_path("a/b**", "a/b/c"));
  EXPECT_FALSE(wildmatch_path("a/**c", "a/b/c"));
  EXPECT_TRUE(wildmatch_path("a/***/c", "a/b/b/c"));
}

TEST(Wildmatch, AQuotedSlashBehindTwoStarsHasToBeThere) {
  EXPECT_TRUE(wildmatch_path("**\\/c", "a/b/c"));
  EXPECT_FALSE(wildmatch_path("**\\/c", "c"));
  EXPECT_TRUE(wildmatch_path("**\\/c", "/c"));
}

TEST(Wildmatch, AStarInTheWayOfTwoStarsIsTriedAgain) {
  EXPECT_TRUE(wildmatch_path("**/a*/b", "ax/c/ay/b"));
  EXPECT_TRUE(wildmatch_path("**/*a*/**/b*c", "x/ya/z/bc/z/bxc"));
  EXPECT_FALSE(wildmatch_path("**/*a*/**/b*c", "x/y/z/bc"));
}

TEST(Wildmatch, BytesAreComparedAsUnsigned) {
  EXPECT_TRUE(wildmatch_path("[\x80-\xff]", "\xc3"));
  EXPECT_FALSE(wildmatch_path("[a-\xff]", "A"));
  EXPECT_TRUE(wildmatch_path("??", "\xc3\xa4"));  // one letter, two bytes
}

TEST(Wildmatch, ClassesAreThoseOfGit) {
  EXPECT_TRUE(wildmatch_path("[[:space:]]", "\n"));
  EXPECT_FALSE(wildmatch_path("[[:space:]]", "\v"));
  EXPECT_FALSE(wildmatch_path("[[:space:]]", "\f"));
  EXPECT_FALSE(wildmatch_path("[[:alpha:]]", "\xe4"));
  EXPECT_FALSE(wildmatch_path("[[:ALPHA:]]", "a"));
  EXPECT_TRUE(wildmatch_path("[[:cntrl:]]", "\x7f"));
}

TEST(Wildmatch, ABracketNeverMatchesASlash) {
  EXPECT_FALSE(wildmatch_path("a[/]b", "a/b"));
  EXPECT_FALSE(wildmatch_path("a[!x]b", "a/b"));
  EXPECT_FALSE(wildmatch_path("a[.-0]b", "a/b"));
}

std::uint64_t steps_for(const std::string& pattern, const std::string& text) {
  std::uint64_t steps = 0;
  EXPECT_FALSE(wildmatch_path_counting(pattern, text, steps)) << pattern;
  return steps;
}

std::string repeated(std::string_view part, int times) {
  std::string all;
  for (int i = 0; i < times; ++i)
    all += part;
  return all;
}

TEST(Wildmatch, ManyStarsTakeNoMoreThanPatternTimesTextSteps) {
  const std::string text = repeated("a", 4000);
  for (const int stars : {1, 2, 10, 100, 1000}) {
    const std::string pattern = repeated("*a", stars) + "b";
    EXPECT_LE(steps_for(pattern, text), 3 * pattern.size() * text.size()) << stars;
  }
  EXPECT_LE(steps_for(repeated("*", 60'000) + "b", text), 3 * text.size());
  EXPECT_LE(steps_for("*" + repeated("a", 100) + "b", text), 3 * 100 * text.size());
}

TEST(Wildmatch, ManyDoubleStarsTakeNoMoreThanPatternTimesTextSteps) {
  const std::string text = repeated("a/", 2000) + "a";
  for (const int stars : {1, 2, 10, 100, 1000}) {
    for (const char* part : {"**/a/", "**/*a/", "**/*a*/"}) {
      const std::string pattern = repeated(part, stars) + "b";
      EXPECT_LE(steps_for(pattern, text), 3 * pattern.size() * text.size()) << part << stars;
    }
  }
}

TEST(Wildmatch, StarsWithinDoubleStarsTakeNoMoreThanFoldersTimesPatternTimesTextSteps) {
  const std::string text = repeated("aaaaaaaa/", 100) + "a";
  const std::string pattern = "**/" + repeated("*a*a/", 50) + "b";
  EXPECT_LE(steps_for(pattern, text), 100 * pattern.size() * text.size());
}

TEST(LiteralPrefix, EndsAtTheFirstSpecialCharacter) {
  EXPECT_EQ(literal_prefix("ab/c"), "ab/c");
  EXPECT_EQ(literal_prefix("ab*c"), "ab");
  EXPECT_EQ(literal_prefix("a]b?"), "a]b");
  EXPECT_EQ(literal_prefix("[a]"), "");
  EXPECT_EQ(literal_prefix("a\\*"), "a");
}

}  // namespace
}  // namespace mikura

// Our three-way merge against git's: random texts, edited on both sides, merged by `git merge-file`
// and by us, compared byte for byte.
//
// The same cases in each run. MIKURA_MERGE_ROUNDS=N makes it N rounds with seeds of their own.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <random>

#include "merge/text_merge.h"
#include "testing/temp_folder.h"

namespace mikura {
namespace {

constexpr int kRounds = 300;
constexpr int kLargeEvery = 25;

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  std::size_t below(std::size_t end) { return engine_() % end; }
  bool one_in(std::size_t n) { return below(n) == 0; }

 private:
  std::mt19937_64 engine_;
};

using Lines = std::vector<std::string>;

// Few different lines, so that there are many ways to match them; some hold nothing that a reader
// could hold on to.
std::string random_line(Random& random, std::size_t variety) {
  static const char* const kPlain[] = {"", "}", "{", "  ", "--", "a", "return;", "x = 1;"};
  const std::size_t n = random.below(variety + 8);
  return n < 8 ? kPlain[n] : "line " + std::to_string(n);
}

Lines random_lines(Random& random, std::size_t count, std::size_t variety) {
  Lines lines;
  for (std::size_t i = 0; i < count; ++i)
    lines.push_back(random_line(random, variety));
  return lines;
}

Lines edited(Random& random, Lines lines, std::size_t edits, std::size_t variety) {
  for (std::size_t i = 0; i < edits; ++i) {
    const std::size_t at = random.below(lines.size() + 1);
    const auto place = lines.begin() + static_cast<std::ptrdiff_t>(at);
    const std::size_t count = std::min(1 + random.below(3), lines.size() - at);
    switch (random.below(4)) {
      case 0: {
        const Lines added = random_lines(random, 1 + random.below(3), variety);
        lines.insert(place, added.begin(), added.end());
        break;
      }
      case 1:
        lines.erase(place, place + static_cast<std::ptrdiff_t>(count));
        break;
      case 2:
        for (std::size_t j = 0; j < count; ++j)
          lines[at + j] = random_line(random, variety);
        break;
      default: {  // a block moves
        const Lines block(place, place + static_cast<std::ptrdiff_t>(count));
        lines.erase(place, place + static_cast<std::ptrdiff_t>(count));
        const std::size_t to = random.below(lines.size() + 1);
        lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(to), block.begin(), block.end());
        break;
      }
    }
  }
  return lines;
}

std::string joined(Random& random, const Lines& lines, int line_ends) {
  std::string text;
  for (const std::string& line : lines) {
    const bool crlf = line_ends == 1 || (line_ends == 2 && random.one_in(2));
    text += line + (crlf ? "\r\n" : "\n");
  }
  if (!text.empty() && random.one_in(4)) text.pop_back();
  return text;
}

struct Case {
  std::string base, local, remote;
};

Case random_case(std::uint64_t seed) {
  Random random(seed);
  const bool large = seed % kLargeEvery == 0;
  const std::size_t size = large ? 500 + random.below(3000) : random.below(40);
  const std::size_t variety = large ? 40 + random.below(4000) : 1 + random.below(60);
  const std::size_t edits = large ? random.below(900) : random.below(8);
  const int line_ends = random.one_in(3) ? static_cast<int>(random.below(3)) : 0;
  const Lines base = random_lines(random, size, variety);
  const Lines local = edited(random, base, edits, variety);
  Lines remote = edited(random, base, edits, variety);
  if (random.one_in(5)) remote = edited(random, local, 2, variety);
  return {joined(random, base, line_ends), joined(random, local, line_ends),
          joined(random, remote, random.one_in(6) ? 1 - line_ends % 2 : line_ends)};
}

class MergeLikeGit : public ::testing::Test {
 protected:
  static bool has_git() { return std::system("git --version > /dev/null 2>&1") == 0; }

  // What git says, and how many conflicts it counts (it stops at 127).
  std::pair<std::string, int> by_git(const Case& texts, const std::string& options) {
    write_text(folder_ / "base", texts.base);
    write_text(folder_ / "local", texts.local);
    write_text(folder_ / "remote", texts.remote);
    const std::string command = "cd '" + folder_.path() + "' && git merge-file -p " + options +
                                " -L local -L base -L remote local base remote > merged";
    const int status = std::system(command.c_str());
    return {read_text(folder_ / "merged"), WEXITSTATUS(status)};
  }

  bool agrees(const Case& texts, MarkerStyle style, const std::string& options) {
    const auto [text, conflicts] = by_git(texts, options);
    const MergedText ours =
        merge_texts({texts.base, texts.local, texts.remote}, style, {"local", "base", "remote"});
    EXPECT_EQ(ours.text, text);
    EXPECT_EQ(std::min<std::uint64_t>(ours.conflicts, 127), static_cast<std::uint64_t>(conflicts));
    return ours.text == text;
  }

 private:
  TempFolder folder_;
};

TEST_F(MergeLikeGit, RandomTextsMergeToTheSameBytes) {
  if (!has_git()) GTEST_SKIP() << "git is not installed";
  const char* const rounds = std::getenv("MIKURA_MERGE_ROUNDS");
  const std::uint64_t first = rounds != nullptr ? std::random_device()() : 0;
  const int count = rounds != nullptr ? std::atoi(rounds) : kRounds;
  std::uint64_t clean = 0;
  std::uint64_t conflicts = 0;
  for (int i = 0; i < count; ++i) {
    const std::uint64_t seed = first + static_cast<std::uint64_t>(i);
    const Case texts = random_case(seed);
    const bool with_base = i % 2 == 1;
    if (!agrees(texts, with_base ? MarkerStyle::with_base : MarkerStyle::both,
                with_base ? "--diff3" : "")) {
      FAIL() << "seed " << seed;
    }
    const MergedText ours =
        merge_texts({texts.base, texts.local, texts.remote}, MarkerStyle::both, {});
    ++(ours.conflicts == 0 ? clean : conflicts);
  }
  std::cout << clean << " clean merges, " << conflicts << " with conflicts\n";
  EXPECT_GT(clean, 0U);
  EXPECT_GT(conflicts, 0U);
}

// Facts that git's own tests of merge-file state (t6403), in our words: which edits meet, where the
// last line lacks its end, what line ends markers have.
TEST_F(MergeLikeGit, CasesThatGitsOwnTestsLookAt) {
  if (!has_git()) GTEST_SKIP() << "git is not installed";
  const std::string psalm =
      "The first line,\nthe second one;\nand the third.\n\nA fourth,\na fifth,\n"
      "a sixth and last.\n";
  const std::string longer = psalm + "One more at the end.\n";
  const std::string upper_end = psalm.substr(0, psalm.size() - 2) + "!\n";
  const std::string changed_first = "ANOTHER first line,\n" + psalm.substr(16);
  const std::string no_end = longer.substr(0, longer.size() - 1);
  std::string crlf;
  for (const char c : psalm)
    crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);
  const Case cases[] = {
      {psalm, psalm, psalm},
      {psalm, changed_first, longer},
      {psalm, longer, changed_first},
      {psalm, longer, longer},
      {psalm, longer, upper_end},
      {psalm, no_end, changed_first},
      {psalm, longer, no_end},
      {psalm.substr(0, psalm.size() - 1), longer, no_end},
      {psalm, "", changed_first},
      {psalm, "", ""},
      {"", psalm, longer},
      {"", "a", "b"},
      {"a", "b", "c"},
      {crlf, crlf + "one\r\n", crlf + "other\r\n"},
      {crlf, crlf + "one\n", crlf + "other\r\n"},
      {crlf, crlf + "one", crlf + "other"},
      {"a\r\n", "b\r\n", "c"},
      {"1\n2\n3\n", "1\nx\n2\n3\n", "1\n2\nx\n3\n"},
      {"{\n}\n\n{\n}\n", "{\na\n}\n\n{\nb\n}\n", "{\nc\n}\n\n{\nd\n}\n"},
      {"1\n2\n3\n4\n5\n6\n7\n8\n", "a\n2\n3\n4\n5\n6\n7\nb\n", "c\n2\n3\n4\n5\n6\n7\nd\n"},
  };
  for (const Case& texts : cases) {
    EXPECT_TRUE(agrees(texts, MarkerStyle::both, "")) << texts.local << "\n" << texts.remote;
    EXPECT_TRUE(agrees(texts, MarkerStyle::with_base, "--diff3")) << texts.local;
  }
}

}  // namespace
}  // namespace mikura

#include "cli/text.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdlib>

#include "base/utf8.h"

namespace mikura {
namespace {

bool has_control_characters(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 || c == 0x7F) return true;
    const bool c1 =
        c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (c1) return true;
  }
  return false;
}

TEST(ShownName, LeavesOrdinaryNamesAlone) {
  for (const char* name : {"a", "src/main.cc", "with space", "日本語.txt", "emoji 🎉", "it's",
                           "back\\slash", "é", "👩‍👩‍👧"}) {
    EXPECT_EQ(shown_name(name), name);
  }
}

TEST(ShownName, QuotesWhatCouldActOnTheTerminalAsGitDoes) {
  EXPECT_EQ(shown_name("a\nb"), R"("a\nb")");
  EXPECT_EQ(shown_name("a\tb"), R"("a\tb")");
  EXPECT_EQ(shown_name("\x1b[31mred"), R"("\033[31mred")");
  EXPECT_EQ(shown_name("\x7f"), R"("\177")");
  EXPECT_EQ(shown_name("\xC2\x9B"
                       "31m"),
            R"("\302\23331m")");  // CSI as one character of C1
  EXPECT_EQ(shown_name("say \"hi\""), R"("say \"hi\"")");
  EXPECT_EQ(shown_name("a\nb\\c"), R"("a\nb\\c")");
}

TEST(ShownName, QuotesWhatTurnsTheDirectionOrCannotBeSeen) {
  EXPECT_EQ(shown_name("photo\xE2\x80\xAEgpj.exe"), R"("photo\342\200\256gpj.exe")");
  EXPECT_EQ(shown_name("\xE2\x81\xA6x"), R"("\342\201\246x")");
  EXPECT_EQ(shown_name("a\xE2\x80\xA8"
                       "b"),
            R"("a\342\200\250b")");  // line separator
  EXPECT_EQ(shown_name("\xEF\xBB\xBFx"), R"("\357\273\277x")");
}

TEST(ShownName, QuotesSpacesThatCouldNotBeSeenAndTheEmptyName) {
  EXPECT_EQ(shown_name(""), R"("")");
  EXPECT_EQ(shown_name(" a"), R"(" a")");
  EXPECT_EQ(shown_name("a "), R"("a ")");
}

TEST(ShownName, EscapesBytesThatAreNotUtf8) {
  EXPECT_EQ(shown_name("caf\xE9"), R"("caf\351")");
  EXPECT_EQ(shown_name("\xFF\xFE"), R"("\377\376")");
}

RC_GTEST_PROP(ShownName, NeverHoldsAControlCharacter, (const std::string& name)) {
  RC_ASSERT(!has_control_characters(shown_name(name)));
  RC_ASSERT(!has_control_characters(harmless(name)));
  RC_ASSERT(is_valid_utf8(shown_name(name)));
}

RC_GTEST_PROP(ShownName, TellsDifferentNamesApart, (const std::string& a, const std::string& b)) {
  RC_PRE(a != b);
  RC_ASSERT(shown_name(a) != shown_name(b));
}

RC_GTEST_PROP(HarmlessLines, KeepsLinesAndTabsOnly, (std::string text)) {
  const std::string shown = harmless_lines(text);
  std::string rest;
  for (const char c : shown) {
    if (c != '\n' && c != '\t') rest += c;
  }
  RC_ASSERT(!has_control_characters(rest));
  RC_ASSERT(std::count(shown.begin(), shown.end(), '\n') ==
            std::count(text.begin(), text.end(), '\n'));
}

TEST(HarmlessLines, OneBadLineDoesNotSpoilTheOthers) {
  EXPECT_EQ(harmless_lines("日本\ncaf\xE9\n本日\n"), "日本\ncaf\\351\n本日\n");
}

TEST(HumanSize, HasUnitsAndAtMostThreeDigits) {
  EXPECT_EQ(human_size(0), "0 B");
  EXPECT_EQ(human_size(1023), "1023 B");
  EXPECT_EQ(human_size(1024), "1.0 KiB");
  EXPECT_EQ(human_size(1434), "1.4 KiB");
  EXPECT_EQ(human_size(10 * 1024), "10 KiB");
  EXPECT_EQ(human_size((1 << 20) - 1), "1.0 MiB");
  EXPECT_EQ(human_size(12ULL << 20), "12 MiB");
  EXPECT_EQ(human_size(~0ULL), "16 EiB");
}

TEST(HumanDuration, HasAUnit) {
  EXPECT_EQ(human_duration(7), "7 s");
  EXPECT_EQ(human_duration(185), "3:05 min");
  EXPECT_EQ(human_duration(7800), "2:10 h");
}

TEST(HumanTime, IsLocalAndKnowsTimesBefore1970) {
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  EXPECT_EQ(human_time(0), "1970-01-01 00:00:00");
  EXPECT_EQ(human_time(1'767'323'045'678), "2026-01-02 03:04:05");
  EXPECT_EQ(human_time(-1), "1969-12-31 23:59:59");
  EXPECT_FALSE(human_time(std::numeric_limits<std::int64_t>::max()).empty());
  EXPECT_FALSE(human_time(std::numeric_limits<std::int64_t>::min()).empty());
}

TEST(ShortId, IsTheEnd) {
  EXPECT_EQ(short_id("01a20fd6-b5ed-789b-9628-8886882746ee"), "882746ee");
  EXPECT_EQ(short_id("abc"), "abc");
}

TEST(DisplayWidth, CountsWideCharactersTwice) {
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("確認中"), 6U);
  EXPECT_EQ(display_width("🎉"), 2U);
}

TEST(Fitting, CutsBetweenCharacters) {
  EXPECT_EQ(fitting("abc", 2), "ab");
  EXPECT_EQ(fitting("確認中", 5), "確認");
  EXPECT_EQ(fitting("abc", 10), "abc");
}

}  // namespace
}  // namespace mikura

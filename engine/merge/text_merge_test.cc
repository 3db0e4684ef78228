// The three-way merge of texts, without git beside it.
#include "merge/text_merge.h"

#include <gtest/gtest.h>

#include <chrono>

namespace mikura {
namespace {

MergedText merge(std::string_view base, std::string_view local, std::string_view remote,
                 MarkerStyle style = MarkerStyle::both) {
  return merge_texts({base, local, remote}, style, {"here", "before", "there"});
}

void expect_clean(std::string_view base, std::string_view local, std::string_view remote,
                  std::string_view merged) {
  const MergedText text = merge(base, local, remote);
  EXPECT_EQ(text.text, merged);
  EXPECT_EQ(text.conflicts, 0U);
}

TEST(TextMerge, EditsOfDifferentLinesAreBothTaken) {
  expect_clean("1\n2\n3\n4\n5\n", "1\n2 here\n3\n4\n5\n", "1\n2\n3\n4\n5 there\n",
               "1\n2 here\n3\n4\n5 there\n");
}

TEST(TextMerge, WhatOnlyOneSideChangedIsTaken) {
  expect_clean("1\n2\n", "1\n2\n", "2\n", "2\n");
  expect_clean("1\n2\n", "1\n2\n3", "1\n2\n", "1\n2\n3");
}

TEST(TextMerge, TheSameEditOnBothSidesIsTakenOnce) {
  expect_clean("1\n2\n3\n", "1\nx\n3\n", "1\nx\n3\n", "1\nx\n3\n");
}

TEST(TextMerge, DifferentEditsOfALineAreAConflictBetweenMarkers) {
  const MergedText text = merge("1\n2\n3\n", "1\nx\n3\n", "1\ny\n3\n");
  EXPECT_EQ(text.conflicts, 1U);
  EXPECT_EQ(text.text, "1\n<<<<<<< here\nx\n=======\ny\n>>>>>>> there\n3\n");
}

TEST(TextMerge, TheMarkersCanShowTheBaseToo) {
  const MergedText text = merge("1\n2\n3\n", "1\nx\n3\n", "1\ny\n3\n", MarkerStyle::with_base);
  EXPECT_EQ(text.conflicts, 1U);
  EXPECT_EQ(text.text, "1\n<<<<<<< here\nx\n||||||| before\n2\n=======\ny\n>>>>>>> there\n3\n");
}

TEST(TextMerge, MarkersEndAsTheLinesAround) {
  const MergedText text = merge("1\r\n2\r\n", "1\r\nx\r\n", "1\r\ny\r\n");
  EXPECT_EQ(text.text, "1\r\n<<<<<<< here\r\nx\r\n=======\r\ny\r\n>>>>>>> there\r\n");
}

TEST(TextMerge, ALastLineWithoutEndGetsOneOnlyBeforeAMarker) {
  EXPECT_EQ(merge("1", "2", "3").text, "<<<<<<< here\n2\n=======\n3\n>>>>>>> there\n");
  expect_clean("1\n2\n3\n4", "0\n1\n2\n3\n4", "1\n2\n3\n4\n5", "0\n1\n2\n3\n4\n5");
}

TEST(TextMerge, EmptyTextsMerge) {
  expect_clean("", "", "", "");
  expect_clean("1\n", "", "1\n", "");
  expect_clean("", "", "1\n", "1\n");
}

TEST(TextMerge, TextsWithNothingInCommonAreMergedInBoundedTime) {
  std::string base;
  std::string local;
  std::string remote;
  for (int i = 0; i < 20'000; ++i) {
    base += "base " + std::to_string(i * 7 % 1000) + "\n";
    local += "base " + std::to_string(i * 13 % 1000) + "\n";
    remote += "base " + std::to_string(i * 17 % 1000) + "\n";
  }
  const auto start = std::chrono::steady_clock::now();
  EXPECT_GT(merge(base, local, remote).conflicts, 0U);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

}  // namespace
}  // namespace mikura

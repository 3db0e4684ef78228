// `mikura diff`: words, patches, figures.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "cli/cli_test_support.h"
#include "cli/diff_words.h"
#include "cli/patch.h"
#include "testing/temp_folder.h"

namespace mikura {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Entry entry(const std::string& path, EntryKind kind = EntryKind::file, std::uint16_t mode = 0644) {
  Entry made;
  made.path = path;
  made.kind = kind;
  made.mode = mode;
  return made;
}

// A file whose two contents differ.
DiffEntry modified(const std::string& path) {
  DiffEntry change{Change::Kind::modified, entry(path), entry(path), ""};
  change.after->sha256.mutable_bytes()[0] = std::byte{1};
  return change;
}

PatchContent content(std::string_view text) {
  return to_bytes(text);
}

TEST(Patch, LooksLikeGits) {
  EXPECT_EQ(patch_text(modified("a"), content("one\ntwo\n"), content("one\n2\n")),
            "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n");
}

TEST(Patch, NamesNewAndDeletedFiles) {
  const DiffEntry added{Change::Kind::added, std::nullopt, entry("n", EntryKind::file, 0755), ""};
  EXPECT_EQ(
      patch_text(added, content(""), content("x\n")),
      "diff --git a/n b/n\nnew file mode 100755\n--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+x\n");
  const DiffEntry removed{Change::Kind::removed, entry("n"), std::nullopt, ""};
  EXPECT_EQ(patch_text(removed, content("x\n"), content("")),
            "diff --git a/n b/n\ndeleted file mode 100644\n--- a/n\n+++ /dev/null\n"
            "@@ -1 +0,0 @@\n-x\n");
}

TEST(Patch, NamesModesAndRenames) {
  DiffEntry change{Change::Kind::mode_changed, entry("s"), entry("s", EntryKind::file, 0755), ""};
  EXPECT_EQ(patch_text(change, content("same"), content("same")),
            "diff --git a/s b/s\nold mode 100644\nnew mode 100755\n");
  DiffEntry renamed{Change::Kind::added, entry("old name"), entry("new\nname"), "old name"};
  EXPECT_EQ(patch_text(renamed, content("same"), content("same")),
            "diff --git a/old name \"b/new\\nname\"\nsimilarity index 100%\n"
            "rename from old name\nrename to \"new\\nname\"\n");
}

TEST(Patch, EndsANameWithSpacesWithATab) {
  EXPECT_THAT(patch_text(modified("a b"), content("1\n"), content("2\n")),
              HasSubstr("--- a/a b\t\n+++ b/a b\t\n"));
}

TEST(Patch, DoesNotShowWhatIsNoTextOrTooLarge) {
  const std::string zero("a\0b", 3);
  EXPECT_THAT(patch_text(modified("a"), content(zero), content("x")),
              HasSubstr("Binary files a/a and b/a differ\n"));
  EXPECT_THAT(patch_text(modified("a"), content("x"), std::nullopt), HasSubstr("Binary files"));
}

TEST(Patch, AFileThatBecomesALinkIsRemovedAndAdded) {
  DiffEntry change{Change::Kind::kind_changed, entry("x"), entry("x", EntryKind::symlink), ""};
  const auto parts = split_for_patch(change);
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(letter_of(parts[0]), 'D');
  EXPECT_EQ(letter_of(parts[1]), 'A');
  EXPECT_EQ(letter_of(change), 'T');
  EXPECT_EQ(split_for_patch(modified("a")).size(), 1U);
}

TEST(LineCounts, CountChangedLinesOnly) {
  const LineCounts counts = count_lines(content("1\n2\n3\n"), content("1\n--\n++\n3\n"));
  EXPECT_EQ(counts.added, 2U);
  EXPECT_EQ(counts.removed, 1U);
  EXPECT_FALSE(counts.binary);
  EXPECT_TRUE(count_lines(std::nullopt, content("x")).binary);
}

class DiffTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(::getcwd(before_, sizeof before_), nullptr);
    ASSERT_EQ(::chdir(folder_.path().c_str()), 0);
    world_.known_versions = {{"base", version_id(1)},
                             {"HEAD", version_id(3)},
                             {"HEAD~1", version_id(2)},
                             {"beef", version_id(4)}};
  }
  void TearDown() override { ASSERT_EQ(::chdir(before_), 0); }

  Ran go(std::vector<std::string> words, TerminalKind kind = {}) {
    words.insert(words.begin(), "diff");
    return run(world_, words, kind);
  }
  std::vector<std::string> paths() const { return world_.diff_paths.back(); }

  TempFolder folder_;
  FakeWorld world_;
  char before_[4096] = {};
};

TEST_F(DiffTest, WithoutWordsItComparesTheLastSyncWithTheFolder) {
  ASSERT_EQ(go({}).exit, 0);
  EXPECT_EQ(world_.diff_before->version, version_id(1));
  EXPECT_EQ(world_.diff_after->version, std::nullopt);
  EXPECT_THAT(paths(), IsEmpty());
}

TEST_F(DiffTest, VersionsComeFirstThenPaths) {
  write_text(folder_ / "src", "");
  ASSERT_EQ(go({"HEAD~1", "HEAD", "src"}).exit, 0);
  EXPECT_EQ(world_.diff_before->version, version_id(2));
  EXPECT_EQ(world_.diff_after->version, version_id(3));
  EXPECT_THAT(paths(), ElementsAre("src"));
  ASSERT_EQ(go({"beef", "src"}).exit, 0);
  EXPECT_EQ(world_.diff_before->version, version_id(4));
  EXPECT_EQ(world_.diff_after->version, std::nullopt);
}

TEST_F(DiffTest, AWordThatLooksLikeAVersionButIsAFileIsAPath) {
  write_text(folder_ / "cafe", "");
  ASSERT_EQ(go({"cafe"}).exit, 0);
  EXPECT_EQ(world_.diff_before->version, version_id(1));
  EXPECT_THAT(paths(), ElementsAre("cafe"));
}

TEST_F(DiffTest, AWordThatIsBothIsRefusedUntilItIsClear) {
  write_text(folder_ / "beef", "");
  const Ran ran = go({"beef"});
  EXPECT_EQ(ran.exit, 2);
  EXPECT_THAT(ran.err, HasSubstr("mikura diff -- beef"));
  ASSERT_EQ(go({"beef", "--"}).exit, 0);
  EXPECT_EQ(world_.diff_before->version, version_id(4));
  EXPECT_THAT(paths(), IsEmpty());
  ASSERT_EQ(go({"--", "beef"}).exit, 0);
  EXPECT_EQ(world_.diff_before->version, version_id(1));
  EXPECT_THAT(paths(), ElementsAre("beef"));
  ASSERT_EQ(go({"HEAD", "--", "beef", "--stat"}).exit, 0);  // a file called --stat
  EXPECT_THAT(paths(), ElementsAre("beef", EndsWith("--stat")));
}

TEST_F(DiffTest, WhatIsNeitherAVersionNorAFileIsAnError) {
  EXPECT_EQ(go({"HEAD~99"}).exit, 1);
  EXPECT_EQ(go({"feedbeef"}).exit, 1);
  EXPECT_EQ(go({"HEAD", "mispelt.txt"}).exit, 1);
  EXPECT_THAT(world_.diff_paths, IsEmpty());
}

TEST_F(DiffTest, AFileThatOnlyTheVersionHasIsAPath) {
  world_.entries[format_uuid(version_id(3).bytes())] = {entry("gone.txt")};
  ASSERT_EQ(go({"HEAD", "gone.txt"}).exit, 0);
  EXPECT_THAT(paths(), ElementsAre("gone.txt"));
}

TEST_F(DiffTest, TheWorkspaceItselfMeansEverything) {
  write_text(folder_ / "src", "");
  ASSERT_EQ(go({"HEAD", "src", "."}).exit, 0);
  EXPECT_THAT(paths(), IsEmpty());
  ASSERT_EQ(go({"HEAD", "src", "--", "."}).exit, 0);
  EXPECT_THAT(paths(), IsEmpty());
}

TEST_F(DiffTest, NamesAndFiguresAreOtherForms) {
  DiffEntry folder{Change::Kind::added, std::nullopt, entry("d", EntryKind::directory), ""};
  world_.changes = {modified("a\x1b"), folder};
  world_.contents["a\x1b"] = "one\n";
  EXPECT_EQ(go({"--name-status"}).out, "M  \"a\\033\"\nA  d/\n");
  EXPECT_EQ(go({"--stat"}).out,
            "M  \"a\\033\"  +0 -0\nA  d/\n2 changed; 0 lines added, 0 removed.\n");
  EXPECT_EQ(go({"--stat", "--name-status"}).exit, 2);
}

TEST_F(DiffTest, APatchIsExactInAPipeAndHarmlessOnATerminal) {
  const DiffEntry added{Change::Kind::added, std::nullopt, entry("evil"), ""};
  world_.changes = {added};
  world_.changes[0].after->sha256.mutable_bytes()[0] = std::byte{1};
  world_.contents["evil"] = "\x1b[2Jtext\twith tab\n";
  EXPECT_THAT(go({}).out, HasSubstr("+\x1b[2Jtext\twith tab\n"));
  const std::string shown = go({}, {true, false}).out;
  EXPECT_THAT(shown, Not(HasSubstr("\x1b")));
  EXPECT_THAT(shown, HasSubstr("+\\033[2Jtext\twith tab\n"));
  EXPECT_THAT(go({}, {true, true}).out, HasSubstr("\x1b[32m+\\033[2J"));
}

TEST_F(DiffTest, NoDifferencesIsSaidOnStderr) {
  const Ran ran = go({});
  EXPECT_THAT(ran.out, IsEmpty());
  EXPECT_EQ(ran.err, "No differences.\n");
}

TEST_F(DiffTest, ChangesAreListedAsJson) {
  DiffEntry renamed{Change::Kind::added, entry("old"), entry("new"), "old"};
  world_.changes = {modified("a"), renamed};
  const Json changes = go({"--json"}).json().at("changes");
  EXPECT_EQ(changes.at(0).at("change"), "modified");
  EXPECT_EQ(changes.at(0).at("before").at("path"), "a");
  EXPECT_EQ(changes.at(1).at("renamed_from"), "old");
}

TEST(LooksLikeVersion, KnowsTheForms) {
  for (const char* word : {"HEAD", "HEAD~3", "base", "beef", "01a20fd6-b5ed"}) {
    EXPECT_TRUE(looks_like_version(word)) << word;
  }
  for (const char* word : {"head", "abc", "notes.txt", "src/beef", "BEEF"}) {
    EXPECT_FALSE(looks_like_version(word)) << word;
  }
}

}  // namespace
}  // namespace mikura

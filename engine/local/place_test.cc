// Placing, removing and describing nodes: what the tree and the backup hold afterwards.

#include <sys/socket.h>
#include <sys/un.h>

#include "local/tree_test_fixture.h"

namespace mikura {
namespace {

namespace fs = std::filesystem;

TEST_F(TreeTest, AFileIsPlacedWithContentModeAndTime) {
  make_folder("a/b");
  const auto placed = place("a/b/new", "hello", Expectation::absent(), {0755, kSomeTime});
  ASSERT_TRUE(placed) << placed.error().message();
  EXPECT_EQ(read("a/b/new"), "hello");
  EXPECT_EQ(*placed, stamp("a/b/new"));
  EXPECT_EQ(placed->mode, S_IFREG | 0755U);
  EXPECT_EQ(placed->mtime_ns, kSomeTime);
  EXPECT_TRUE(temporaries().empty());
  EXPECT_EQ(tree().backup_folder(), "");
}

TEST_F(TreeTest, TimesBefore1970AndUnreadableModesArePlacedToo) {
  const auto placed = place("old", "x", Expectation::absent(), {0, -1'500'000'001});
  ASSERT_TRUE(placed) << placed.error().message();
  EXPECT_EQ(placed->mtime_ns, -1'500'000'001);
  EXPECT_EQ(placed->mode & 07777, 0U);
}

TEST_F(TreeTest, SpecialModeBitsAreNeverSet) {
  EXPECT_EQ(place("f", "x", Expectation::absent(), {07755, kSomeTime})->mode & 07777, 0755U);
  make_folder("d");
  EXPECT_EQ(tree().set_metadata("d", Expectation::directory(), {07755, kSomeTime})->mode & 07777,
            0755U);
  EXPECT_EQ(tree().set_metadata("f", node("f"), {06711, kSomeTime})->mode & 07777, 0711U);
}

TEST_F(TreeTest, WhatIsThereIsNotReplacedWhereNothingWasExpected) {
  write("f", "theirs");
  make_folder("d");
  fs::create_symlink("f", at("link"));
  for (const char* path : {"f", "d", "link"}) {
    EXPECT_TRUE(place(path, "ours", Expectation::absent()).failed_with(Code::conflict)) << path;
    EXPECT_TRUE(
        tree().place_symlink(path, "ours", Expectation::absent(), 0).failed_with(Code::conflict))
        << path;
  }
  EXPECT_EQ(read("f"), "theirs");
  EXPECT_EQ(fs::read_symlink(at("link")), "f");
  EXPECT_TRUE(temporaries().empty());
  EXPECT_TRUE(backed_up().empty());
}

TEST_F(TreeTest, ANodeGetsAnotherNameOnlyIfThatIsFreeAndTheNodeIsTheExpectedOne) {
  write("d/f", "content");
  write("d/taken", "other");
  make_folder("d/folder/inner");
  const FileStamp before = stamp("d/f");
  EXPECT_TRUE(tree().rename("d/f", "taken", node("d/f")).failed_with(Code::already_exists));
  EXPECT_TRUE(tree().rename("d/f", "e/new", node("d/f")).failed_with(Code::invalid));
  EXPECT_FALSE(tree().rename("d/f", "..", node("d/f")));
  EXPECT_TRUE(tree().rename("d/f", "new", node("d/taken")).failed_with(Code::conflict));
  EXPECT_TRUE(tree().rename("gone/f", "new", node("d/f")).failed_with(Code::conflict));
  EXPECT_EQ(stamp("d/f"), before);
  ASSERT_TRUE(tree().rename("d/f", "new", node("d/f")));
  EXPECT_EQ(read("d/new"), "content");
  EXPECT_FALSE(fs::exists(at("d/f")));
  EXPECT_EQ(read("d/taken"), "other");
  ASSERT_TRUE(tree().rename("d/folder", "moved", Expectation::directory()));
  EXPECT_TRUE(fs::is_directory(at("d/moved/inner")));
  EXPECT_TRUE(backed_up().empty());
}

TEST_F(TreeTest, AReplacedFileGoesToTheBackup) {
  write("dir/f", "old content");
  const auto placed = place("dir/f", "new content", node("dir/f"));
  ASSERT_TRUE(placed) << placed.error().message();
  EXPECT_EQ(read("dir/f"), "new content");
  EXPECT_EQ(*placed, stamp("dir/f"));
  EXPECT_EQ(tree().backup_folder(), ".mikura/backup/20260102.030405");
  EXPECT_EQ(backup("dir/f"), "old content");
  EXPECT_EQ(backed_up(), std::vector<std::string>{"dir/f"});
  EXPECT_TRUE(temporaries().empty());
}

TEST_F(TreeTest, AFileThatChangedSinceThePlanIsLeftAlone) {
  write("f", "planned");
  const auto expected = node("f");
  for (const char* change : {"longer than it was", "PLANNED"}) {
    write("f", change);
    const auto placed = place("f", "ours", expected);
    ASSERT_TRUE(placed.failed_with(Code::conflict));
    EXPECT_EQ(read("f"), change);
    EXPECT_TRUE(tree().remove("f", expected).failed_with(Code::conflict));
    EXPECT_EQ(read("f"), change);
    EXPECT_TRUE(tree().set_metadata("f", expected, {0600, 0}).failed_with(Code::conflict));
  }
  fs::remove(at("f"));
  EXPECT_TRUE(place("f", "ours", expected).failed_with(Code::conflict)) << "deleted meanwhile";
  make_folder("f");
  EXPECT_TRUE(place("f", "ours", expected).failed_with(Code::conflict)) << "a folder now";
  EXPECT_TRUE(temporaries().empty());
  EXPECT_TRUE(backed_up().empty());
}

TEST_F(TreeTest, AnotherFileWithTheSameContentIsAnotherFile) {
  write("f", "same");
  const auto expected = node("f");
  write("g", "same");
  const auto times = fs::last_write_time(at("f"));
  fs::last_write_time(at("g"), times);
  fs::rename(at("g"), at("f"));
  EXPECT_TRUE(place("f", "ours", expected).failed_with(Code::conflict));
}

TEST_F(TreeTest, AChangedModeCountsAsAChange) {
  write("f", "x");
  const auto expected = node("f");
  fs::permissions(at("f"), fs::perms::owner_all);
  EXPECT_TRUE(place("f", "ours", expected).failed_with(Code::conflict));
}

TEST_F(TreeTest, SymlinksArePlacedReplacedAndNeverFollowed) {
  write("target", "precious");
  ASSERT_TRUE(tree().place_symlink("link", "target", Expectation::absent(), kSomeTime));
  EXPECT_EQ(fs::read_symlink(at("link")), "target");
  EXPECT_EQ(stamp("link").mtime_ns, kSomeTime);
  EXPECT_EQ((*tree().inspect("link"))->kind, EntryKind::symlink);

  ASSERT_TRUE(tree().place_symlink("link", "/nowhere/at/all", node("link"), kSomeTime));
  EXPECT_EQ(fs::read_symlink(at("link")), "/nowhere/at/all");
  ASSERT_TRUE(place("link", "a file now", node("link")));
  EXPECT_EQ(read("link"), "a file now");
  EXPECT_EQ(read("target"), "precious");
  EXPECT_EQ(backed_up(), (std::vector<std::string>{"link", "link.2"}));

  const std::int64_t before = stamp("target").mtime_ns;
  ASSERT_TRUE(tree().place_symlink("second", "target", Expectation::absent(), 0));
  ASSERT_TRUE(tree().set_metadata("second", node("second"), {0600, kSomeTime}));
  EXPECT_EQ(stamp("second").mtime_ns, kSomeTime);
  EXPECT_EQ(stamp("target").mtime_ns, before);
  EXPECT_FALSE(tree().open_file("second"));
}

TEST_F(TreeTest, ASymlinkTargetMayNotHoldAZeroByte) {
  EXPECT_FALSE(tree().place_symlink("link", std::string_view("a\0b", 3), Expectation::absent(), 0));
  EXPECT_FALSE(tree().place_symlink("link", "", Expectation::absent(), 0));
  EXPECT_TRUE(temporaries().empty());
}

TEST_F(TreeTest, NothingIsPlacedThroughASymlinkInThePath) {
  const TempFolder outside;
  fs::create_directory_symlink(outside.path(), at("d"));
  EXPECT_TRUE(place("d/f", "x", Expectation::absent()).failed_with(Code::conflict));
  EXPECT_TRUE(
      tree().place_symlink("d/f", "x", Expectation::absent(), 0).failed_with(Code::conflict));
  EXPECT_TRUE(tree().make_directory("d/f", Expectation::absent()).failed_with(Code::conflict));
  write_text(outside / "there", "outside");
  EXPECT_EQ(*tree().inspect("d/there"), std::nullopt) << "in the tree there is nothing";
  EXPECT_FALSE(tree().open_file("d/there"));
  EXPECT_TRUE(tree().remove("d/there", Expectation::directory()));
  EXPECT_EQ(read_text(outside / "there"), "outside");
  EXPECT_EQ(std::distance(fs::directory_iterator(outside.path()), {}), 1);
}

TEST_F(TreeTest, BadPathsAreRefusedByEveryOperation) {
  for (const std::string_view path :
       {"..", "../f", "a/../../f", "/etc/passwd", "a//b", "a/", "./a", ".git/config", "a/.GIT",
        ".mikura/state.db", ".Mikura", "bad\xff", "conflict-20260102.030405.f/../g",
        "conflict-20260102.030405.f/.git"}) {
    EXPECT_TRUE(tree().inspect(path).failed_with(Code::corrupt)) << path;
    EXPECT_TRUE(tree().open_file(path).failed_with(Code::corrupt)) << path;
    EXPECT_TRUE(place(path, "x", Expectation::absent()).failed_with(Code::corrupt)) << path;
    EXPECT_TRUE(tree().make_directory(path, Expectation::absent()).failed_with(Code::corrupt))
        << path;
    EXPECT_TRUE(tree().remove(path, Expectation::directory()).failed_with(Code::corrupt)) << path;
    EXPECT_TRUE(tree().set_metadata(path, Expectation::directory(), {}).failed_with(Code::corrupt))
        << path;
  }
  EXPECT_TRUE(
      place(std::string_view("a\0b", 3), "x", Expectation::absent()).failed_with(Code::corrupt));
}

TEST_F(TreeTest, ConflictCopiesAreLegalTargets) {
  ASSERT_TRUE(place("conflict-20260102.030405.f", "copy", Expectation::absent()));
  ASSERT_TRUE(tree().make_directory("conflict-20260102.030405.d", Expectation::absent()));
  ASSERT_TRUE(place("conflict-20260102.030405.d/inner", "copy", Expectation::absent()));
  EXPECT_EQ(read("conflict-20260102.030405.d/inner"), "copy");
  ASSERT_TRUE(tree().remove("conflict-20260102.030405.f", node("conflict-20260102.030405.f")));
  EXPECT_FALSE(exists("conflict-20260102.030405.f"));
}

TEST_F(TreeTest, RemovedFilesGoToTheBackupAndRepeatsGetANumber) {
  for (const char* text : {"one", "two", "three"}) {
    write("d/f", text);
    ASSERT_TRUE(tree().remove("d/f", node("d/f")));
    EXPECT_FALSE(exists("d/f"));
  }
  EXPECT_EQ(backed_up(), (std::vector<std::string>{"d/f", "d/f.2", "d/f.3"}));
  EXPECT_EQ(backup("d/f.3"), "three");
  EXPECT_TRUE(tree().remove("d/f", Expectation::node({}))) << "already gone is fine";
  EXPECT_TRUE(tree().remove("no/such/folder", Expectation::node({})));
}

TEST_F(TreeTest, TheBackupHoldsAFolderBesideAFileOfTheSameName) {
  write("a", "file");
  ASSERT_TRUE(tree().remove("a", node("a")));
  write("a/b/c", "deep");
  ASSERT_TRUE(tree().remove("a/b/c", node("a/b/c")));
  EXPECT_EQ(backed_up(), (std::vector<std::string>{"a", "a.2/b/c"}));
}

TEST_F(TreeTest, FoldersAreRemovedOnlyWhenEmpty) {
  write("d/f", "x");
  const auto removed = tree().remove("d", Expectation::directory());
  ASSERT_TRUE(removed.failed_with(Code::refused));
  EXPECT_FALSE(removed.error().hint().empty());
  ASSERT_TRUE(tree().remove("d/f", node("d/f")));
  EXPECT_TRUE(tree().remove("d", Expectation::directory()));
  EXPECT_FALSE(exists("d"));
  write("f", "x");
  EXPECT_TRUE(tree().remove("f", Expectation::directory()).failed_with(Code::conflict));
  EXPECT_TRUE(tree().remove("f", Expectation::absent()).failed_with(Code::conflict));
  EXPECT_EQ(read("f"), "x");
}

TEST_F(TreeTest, AFolderCanTakeThePlaceOfAFileInOneStep) {
  write("thing", "was a file");
  ASSERT_TRUE(tree().make_directory("thing", node("thing")));
  EXPECT_TRUE(fs::is_directory(at("thing")));
  EXPECT_EQ(backup("thing"), "was a file");
  ASSERT_TRUE(tree().make_directory("thing", Expectation::absent()))
      << "an existing folder is fine";
  write("other", "x");
  EXPECT_TRUE(tree().make_directory("other", Expectation::absent()).failed_with(Code::conflict));
  const auto stale = node("other");
  write("other", "changed");
  EXPECT_TRUE(tree().make_directory("other", stale).failed_with(Code::conflict));
  EXPECT_EQ(read("other"), "changed");
  EXPECT_TRUE(temporaries().empty());
}

TEST_F(TreeTest, MetadataOfFoldersAndOfTheRoot) {
  make_folder("d");
  const auto set = tree().set_metadata("d", Expectation::directory(), {0711, kSomeTime});
  ASSERT_TRUE(set);
  EXPECT_EQ(*set, stamp("d"));
  EXPECT_EQ(set->mode & 07777, 0711U);
  EXPECT_EQ(set->mtime_ns, kSomeTime);
  const std::uint32_t mode = stamp("").mode;
  ASSERT_TRUE(tree().set_metadata("", Expectation::directory(), {0, kSomeTime}));
  EXPECT_EQ(stamp("").mode, mode) << "the root's own mode is the user's";
  EXPECT_EQ(stamp("").mtime_ns, kSomeTime);
  EXPECT_TRUE(
      tree().set_metadata("missing", Expectation::directory(), {}).failed_with(Code::conflict));
}

TEST_F(TreeTest, AFolderKeepsItsSetGroupIdBit) {
  make_folder("d");
  if (::chmod(at("d").c_str(), 02755) != 0 || (stamp("d").mode & 02000) == 0)
    GTEST_SKIP() << "no set-group-id folders here";
  ASSERT_TRUE(tree().set_metadata("d", Expectation::directory(), {0700, kSomeTime}));
  EXPECT_EQ(stamp("d").mode & 07777, 02700U);
}

TEST_F(TreeTest, FifosAndSocketsAreNeitherReadNorReplaced) {
  ASSERT_EQ(::mkfifo(at("fifo").c_str(), 0600), 0);
  EXPECT_TRUE(tree().inspect("fifo").failed_with(Code::unsupported));
  EXPECT_FALSE(tree().open_file("fifo")) << "and it does not hang";
  EXPECT_TRUE(place("fifo", "x", Expectation::absent()).failed_with(Code::conflict));
}

TEST_F(TreeTest, AReaderReadsAndKnowsItsStamp) {
  write("f", "content");
  const auto reader = tree().open_file("f");
  ASSERT_TRUE(reader);
  Bytes buffer(100);
  EXPECT_EQ(*(*reader)->read(buffer), 7U);
  EXPECT_EQ(*(*reader)->read(buffer), 0U);
  EXPECT_EQ(*(*reader)->stamp(), stamp("f"));
  EXPECT_TRUE(tree().open_file("missing").failed_with(Code::not_found));
  make_folder("d");
  EXPECT_TRUE(tree().open_file("d").failed_with(Code::not_found));
}

TEST_F(TreeTest, ADroppedStagedFileLeavesNothing) {
  {
    auto unfinished = tree().stage_file();
    ASSERT_TRUE((*unfinished)->write(as_bytes("x")));
    const auto finished = stage("y");
    EXPECT_EQ(temporaries().size(), 2U);
  }
  EXPECT_TRUE(temporaries().empty());
}

TEST_F(TreeTest, TheDeepestPathsAndLongestNamesWork) {
  const std::string component(255, 'n');
  std::string path;
  while (path.size() + component.size() + 1 <= 4000)
    path += component + "/";
  path += std::string(100, 'd') + "/";
  path += std::string(4096 - path.size(), 'x');
  ASSERT_EQ(path.size(), 4096U);
  for (std::size_t slash = path.find('/'); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    ASSERT_TRUE(tree().make_directory(path.substr(0, slash), Expectation::absent()));
  }
  ASSERT_TRUE(place(path, "deep", Expectation::absent()));
  ASSERT_TRUE(place(path, "deeper", node(path)));
  ASSERT_TRUE(tree().set_metadata(path, node(path), {0600, kSomeTime}));
  // The copy of a conflict may be longer than any index path.
  const std::string copy = path.substr(0, path.rfind('/') + 1) + "conflict-20260102.030405." +
                           path.substr(path.rfind('/') + 1);
  ASSERT_TRUE(place(copy, "copy", Expectation::absent()));
  ASSERT_TRUE(tree().remove(copy, node(copy)));
  ASSERT_TRUE(tree().remove(path, node(path)));
  EXPECT_TRUE(place(path + "y", "too long", Expectation::absent()).failed_with(Code::corrupt));
  // Old enough to go, and as deep as they come.
  clock_.now_ns += 40LL * 86'400 * 1'000'000'000;
  reopen();
  ASSERT_TRUE(tree().tidy(30, 1 << 30));
  EXPECT_TRUE(names_in(".mikura/backup").empty());
}

TEST_F(TreeTest, OddNamesArePlacedAsTheyAre) {
  for (const char* name : {"new\nline", "tab\t", "\xF0\x9F\x98\x80 emoji", "-rf", "*", "a b",
                           "\x01", "\\", ".hidden", "...", "con", "a:b"}) {
    ASSERT_TRUE(place(name, name, Expectation::absent())) << name;
    EXPECT_EQ(read(name), name);
    ASSERT_TRUE(place(name, "second", node(name))) << name;
    EXPECT_EQ(backup(name), name);
  }
}

// ---- how it works on kernels and file systems that can do less

struct Poorer {
  const char* name;
  PosixTreeOptions options;
};

class PoorerTest : public TreeTest, public testing::WithParamInterface<Poorer> {
 protected:
  void SetUp() override {
    TreeTest::SetUp();
    reopen(GetParam().options);
  }
};

INSTANTIATE_TEST_SUITE_P(
    Systems, PoorerTest,
    testing::Values(
        Poorer{"NoOpenat2", {WalkMethod::components, {}, {}}},
        Poorer{"NoExchange", {{}, {.no_exchange = true}, {}}},
        Poorer{"NoExchangeNorNoreplace", {{}, {.no_exchange = true, .no_noreplace = true}, {}}},
        Poorer{"NoHardLinksEither",
               {{}, {.no_exchange = true, .no_noreplace = true, .no_hard_links = true}, {}}},
        Poorer{"OtherFileSystem", {{}, {}, "d"}},
        Poorer{"OtherFileSystemWithNothing",
               {{}, {.no_exchange = true, .no_noreplace = true, .no_hard_links = true}, "d"}}),
    [](const auto& system) { return std::string(system.param.name); });

TEST_P(PoorerTest, PlacingReplacingAndRemovingKeepTheirPromises) {
  make_folder("d/e");
  ASSERT_TRUE(place("d/e/f", "one", Expectation::absent(), {0640, kSomeTime}));
  EXPECT_TRUE(place("d/e/f", "clobber", Expectation::absent()).failed_with(Code::conflict));
  EXPECT_EQ(stamp("d/e/f").mode & 0777, 0640U);
  EXPECT_EQ(stamp("d/e/f").mtime_ns, kSomeTime);

  const auto stale = node("d/e/f");
  const auto second = place("d/e/f", "two", stale, {0755, kSomeTime + 1});
  ASSERT_TRUE(second) << second.error().message();
  EXPECT_EQ(*second, stamp("d/e/f"));
  EXPECT_EQ(second->mode & 0777, 0755U);
  EXPECT_EQ(second->mtime_ns, kSomeTime + 1);
  EXPECT_EQ(read("d/e/f"), "two");
  EXPECT_EQ(backup("d/e/f"), "one");

  EXPECT_TRUE(place("d/e/f", "three", stale).failed_with(Code::conflict));
  EXPECT_TRUE(tree().remove("d/e/f", stale).failed_with(Code::conflict));
  EXPECT_EQ(read("d/e/f"), "two");

  ASSERT_TRUE(tree().place_symlink("d/link", "somewhere", Expectation::absent(), kSomeTime));
  ASSERT_TRUE(tree().place_symlink("d/link", "elsewhere", node("d/link"), kSomeTime));
  EXPECT_EQ(fs::read_symlink(at("d/link")), "elsewhere");
  EXPECT_EQ(stamp("d/link").mtime_ns, kSomeTime);

  ASSERT_TRUE(tree().make_directory("d/e/f", node("d/e/f")));
  EXPECT_EQ(backup("d/e/f.2"), "two");
  ASSERT_TRUE(place("d/e/f/g", "in it", Expectation::absent()));
  ASSERT_TRUE(tree().remove("d/e/f/g", node("d/e/f/g")));
  ASSERT_TRUE(tree().remove("d/e/f", Expectation::directory()));
  ASSERT_TRUE(tree().remove("d/link", node("d/link")));
  ASSERT_TRUE(tree().flush());
  EXPECT_EQ(names_in("d"), std::vector<std::string>{"e"});
  EXPECT_TRUE(names_in("d/e").empty());
  EXPECT_TRUE(temporaries().empty());
  EXPECT_EQ(backed_up().size(), 5U);
}

TEST_P(PoorerTest, SymlinksInThePathAreNotFollowed) {
  const TempFolder outside;
  make_folder("d");
  fs::create_directory_symlink(outside.path(), at("d/s"));
  EXPECT_TRUE(place("d/s/f", "x", Expectation::absent()).failed_with(Code::conflict));
  EXPECT_EQ(*tree().inspect("d/s/f"), std::nullopt);
  EXPECT_TRUE(fs::is_empty(outside.path()));
}

}  // namespace
}  // namespace mikura

// What a scan finds: kinds, order, ignore rules, problems; and which files it reads.

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <set>

#include "format/content.h"
#include "format/path.h"
#include "local/tree_test_fixture.h"

namespace mikura {
namespace {

namespace fs = std::filesystem;
using Paths = std::vector<std::string>;

class ScanTest : public TreeTest {
 protected:
  Paths scanned(const std::vector<std::string_view>& versioned = {}) {
    const auto found = scan({}, versioned);
    EXPECT_TRUE(found) << found.error().message();
    return found ? paths_of(found->entries) : Paths{};
  }
  // "kind path", sorted.
  Paths problems(const ScannedTree& found) {
    Paths lines;
    for (const ScanProblem& problem : found.problems) {
      static constexpr const char* kNames[] = {"unreadable", "unsupported_kind", "bad_name",
                                               "not_portable", "unstable"};
      lines.push_back(std::string(kNames[static_cast<int>(problem.kind)]) + " " + problem.path);
      EXPECT_FALSE(problem.reason.empty());
    }
    return lines;
  }
  // As far away from now as it takes for a record not to be racy.
  void age(std::string_view path) const {
    const timespec times[2] = {{0, UTIME_OMIT}, {1'600'000'000, 5}};
    ASSERT_EQ(::utimensat(AT_FDCWD, at(path).c_str(), times, AT_SYMLINK_NOFOLLOW), 0);
  }
  static void let_time_pass() { ::usleep(25'000); }
};

TEST_F(ScanTest, AnEmptyWorkspaceHasNoEntries) {
  const auto found = scan();
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->entries.empty());
  EXPECT_TRUE(found->problems.empty());
  EXPECT_EQ(found->root_mode,
            fs::status(root()).permissions() == fs::perms::owner_all ? 0700 : 0755);
}

TEST_F(ScanTest, FilesFoldersAndSymlinksAreDescribed) {
  write("dir/file", "content");
  ASSERT_EQ(::chmod(at("dir/file").c_str(), 04755), 0);
  ASSERT_EQ(::chmod(at("dir").c_str(), 0750), 0);
  age("dir/file");
  fs::create_symlink("../some where", at("dir/link"));
  make_folder("empty");
  const auto found = scan();
  ASSERT_TRUE(found);
  ASSERT_EQ(paths_of(found->entries), (Paths{"dir", "dir/file", "dir/link", "empty"}));
  const Entry& dir = found->entries[0];
  EXPECT_EQ(dir.kind, EntryKind::directory);
  EXPECT_EQ(dir.mode, 0750);
  EXPECT_EQ(dir.size_bytes, 0U);
  const Entry& file = found->entries[1];
  EXPECT_EQ(file.kind, EntryKind::file);
  EXPECT_EQ(file.mode, 0755);
  EXPECT_EQ(file.mtime_ns, 1'600'000'000'000'000'005);
  EXPECT_EQ(file.size_bytes, 7U);
  EXPECT_EQ(file.sha256, sha256(as_bytes("content")));
  EXPECT_EQ(file.form, ContentForm::whole);
  EXPECT_EQ(file.content, file.sha256);
  const Entry& link = found->entries[2];
  EXPECT_EQ(link.kind, EntryKind::symlink);
  EXPECT_EQ(link.mode, 0777);
  EXPECT_EQ(link.target, "../some where");
  EXPECT_EQ(link.size_bytes, 13U);
  EXPECT_TRUE(link.sha256.is_zero());
  EXPECT_EQ(link.form, ContentForm::none);
  EXPECT_EQ(found->counts.files, 1U);
  EXPECT_EQ(found->counts.directories, 2U);
  EXPECT_EQ(found->counts.symlinks, 1U);
  EXPECT_EQ(found->counts.hashed_files, 1U);
  EXPECT_EQ(found->counts.hashed_bytes, 7U);
  for (std::size_t i = 0; i < found->entries.size(); ++i)
    EXPECT_EQ(found->stamps[i], stamp(found->entries[i].path));
  ASSERT_EQ(found->records.size(), 1U);
  EXPECT_EQ(found->records[0].stamp, stamp("dir/file"));
}

TEST_F(ScanTest, EntriesAreInByteOrderOfTheWholePath) {
  for (const char* path : {"a/b", "a.b", "a0", "a-/x", "a./y", "a.-", "A", "a/b.c/d", "a/b c",
                           "\xC3\xA9/x", "a b/z"}) {
    // "a" is a folder, "a/b" is a file: others take a different name.
    write(path, "x");
  }
  Paths found = scanned();
  Paths sorted = found;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(found, sorted);
  EXPECT_EQ(found.size(), 17U);
}

TEST_F(ScanTest, OurOwnThingsGitAndConflictCopiesAreLeftOut) {
  write(".git/config", "x");
  write("sub/.git", "gitdir: elsewhere");
  write("sub/file", "x");
  write("conflict-20260102.030405.file", "x");
  write("conflict-20260102.030405.dir/file", "x");
  write("sub/.mikura-tmp-0123456789abcdef", "x");
  write("sub/.mikura-tmp-notours", "x");
  write("inner/.mikura/state.db", "the state of a workspace within this one");
  write("inner/file", "x");
  write("only/.git/config", "x");
  EXPECT_EQ(scanned(),
            (Paths{"inner", "inner/file", "sub", "sub/.mikura-tmp-notours", "sub/file"}));
}

TEST_F(ScanTest, IgnoreRulesOfBothKindsAreInForceFromTheirFolderDown) {
  write(".gitignore", "*.o\n/build/\nkept.txt\n");
  write(".mikuraignore", "!kept.txt\n*.tmp\n");
  write("a.o", "");
  write("a.c", "");
  write("build/out", "");
  write("kept.txt", "");
  write("sub/build/out", "");
  write("sub/.gitignore", "!b.o\n");
  write("sub/b.o", "");
  write("sub/c.o", "");
  write("sub/d.tmp", "");
  EXPECT_EQ(scanned(), (Paths{".gitignore", ".mikuraignore", "a.c", "kept.txt", "sub",
                              "sub/.gitignore", "sub/b.o", "sub/build", "sub/build/out"}));
  const std::vector<FileRecord> known;
  const std::vector<std::string_view> versioned;
  const auto without = tree().scan({known, versioned, false, false, 1, {}}, {});
  EXPECT_EQ(paths_of(without->entries),
            (Paths{".gitignore", ".mikuraignore", "a.c", "a.o", "build", "build/out", "kept.txt",
                   "sub", "sub/.gitignore", "sub/b.o", "sub/build", "sub/build/out", "sub/c.o"}));
  EXPECT_EQ(without->counts.ignored, 1U);
}

TEST_F(ScanTest, WhatIsVersionedIsSeenThoughIgnored) {
  write(".gitignore", "secret\nout/\n");
  write("secret", "x");
  write("out/new", "x");
  write("out/keep/kept", "x");
  write("out/keep/new", "x");
  write("out/other/new", "x");
  EXPECT_EQ(scanned(), (Paths{".gitignore"}));
  EXPECT_EQ(scanned({"secret"}), (Paths{".gitignore", "secret"}));
  EXPECT_EQ(scanned({"out/keep/kept"}), (Paths{".gitignore", "out", "out/keep", "out/keep/kept"}));
  EXPECT_EQ(scanned({"out", "out-", "out/keep", "out/keep/kept", "out/keep/kept2"}),
            (Paths{".gitignore", "out", "out/keep", "out/keep/kept"}));
  EXPECT_EQ(scanned({"out/keep"}), (Paths{".gitignore", "out", "out/keep"}));
  fs::remove(at("out/keep/kept"));
  EXPECT_EQ(scanned({"out/keep/kept"}), (Paths{".gitignore"})) << "the versioned file was deleted";
}

TEST_F(ScanTest, AFolderIsReportedWhenEmptyButNotWhenAllInItIsIgnored) {
  write(".gitignore", "*.o\n");
  make_folder("empty/inner");
  write("objects/a.o", "x");
  write("nested/objects/a.o", "x");
  write("gitonly/.git/HEAD", "x");
  EXPECT_EQ(scanned(), (Paths{".gitignore", "empty", "empty/inner"}));
  EXPECT_EQ(scanned({"nested/objects", "objects"}),
            (Paths{".gitignore", "empty", "empty/inner", "nested", "nested/objects", "objects"}));
}

TEST_F(ScanTest, AnIgnoreFileThatIsASymlinkOrAFolderHasNoRules) {
  write("rules", "*\n");
  fs::create_symlink("rules", at(".gitignore"));
  make_folder(".mikuraignore");
  EXPECT_EQ(scanned(), (Paths{".gitignore", ".mikuraignore", "rules"}));
}

TEST_F(ScanTest, OfAHugeIgnoreFileTheFirstMebibyteOfWholeRulesCounts) {
  std::string rules = "first\n";
  rules += "#" + std::string((1 << 20) - rules.size() - 4, 'x') + "\nsecond\n";
  write(".gitignore", rules);
  write("first", "");
  write("se", "half a rule");
  write("second", "");
  EXPECT_EQ(scanned(), (Paths{".gitignore", "se", "second"}));
}

TEST_F(ScanTest, SocketsAndFifosAreProblems) {
  ASSERT_EQ(::mkfifo(at("fifo").c_str(), 0600), 0);
  make_folder("d");
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  ASSERT_LT(at("d/socket").size(), sizeof address.sun_path);
  at("d/socket").copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ::close(socket);
  const auto found = scan();
  EXPECT_EQ(problems(*found), (Paths{"unsupported_kind d/socket", "unsupported_kind fifo"}));
  EXPECT_EQ(paths_of(found->entries), (Paths{"d"}))
      << "a folder with something that cannot be synced is not an ignored one";
}

TEST_F(ScanTest, NamesThatAnIndexCannotHoldAreProblems) {
  write("ok", "");
  write("bad\xff\xC3\xA9", "");
  write("d/.GIT/x", "");
  write(".MIKURA", "");
  write("d/.MIKURA", "fine there");
  const auto found = scan();
  EXPECT_EQ(problems(*found),
            (Paths{"bad_name .MIKURA", "bad_name bad\\xff\xC3\xA9", "bad_name d/.GIT"}));
  EXPECT_EQ(paths_of(found->entries), (Paths{"d", "d/.MIKURA", "ok"}));
}

TEST_F(ScanTest, APathThatIsTooLongIsAProblem) {
  const std::string component(255, 'n');
  int at_folder = ::open(root().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  for (int i = 0; i < 17; ++i) {
    ASSERT_EQ(::mkdirat(at_folder, component.c_str(), 0755), 0);
    const int next = ::openat(at_folder, component.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ::close(at_folder);
    at_folder = next;
  }
  ::close(at_folder);
  const auto found = scan();
  ASSERT_EQ(found->problems.size(), 1U);
  EXPECT_EQ(found->problems[0].kind, ScanProblem::Kind::bad_name);
  EXPECT_EQ(found->entries.size(), 16U);
}

TEST_F(ScanTest, OddButGoodNamesAreJustNames) {
  Paths names = {"new\nline", "tab\t", "\xF0\x9F\x98\x80",   "-rf", "*", " ", "\x01", "\\", "...",
                 "con",       "a:b",   std::string(255, 'x')};
  for (const std::string& name : names)
    write(name, name);
  std::sort(names.begin(), names.end());
  const auto found = scan();
  EXPECT_EQ(paths_of(found->entries), names);
  EXPECT_EQ(problems(*found),
            (Paths{"not_portable \x01", "not_portable  ", "not_portable *", "not_portable ...",
                   "not_portable \\", "not_portable a:b", "not_portable con",
                   "not_portable new\nline", "not_portable tab\t"}));
}

TEST_F(ScanTest, NamesThatDifferOnlyInCaseAreNotPortable) {
  for (const char* path : {"d/Name", "d/name", "d/NAME", "d/other", "e/name"})
    write(path, "");
  const auto found = scan();
  EXPECT_EQ(problems(*found),
            (Paths{"not_portable d/NAME", "not_portable d/Name", "not_portable d/name"}));
  EXPECT_EQ(found->counts.files, 5U) << "they are synced";
}

TEST_F(ScanTest, OnlyFilesWithAnotherStampAreReadAgain) {
  write("a", "one");
  write("b", "two");
  age("a");
  age("b");
  let_time_pass();
  const auto first = scan();
  EXPECT_EQ(first->counts.hashed_files, 2U);
  const auto second = scan(first->records);
  EXPECT_EQ(second->counts.hashed_files, 0U);
  EXPECT_TRUE(second->records.empty());
  EXPECT_EQ(second->entries, first->entries);
  write("b", "six");
  const auto third = scan(first->records);
  EXPECT_EQ(third->counts.hashed_files, 1U);
  EXPECT_EQ(third->entries[1].sha256, sha256(as_bytes("six")));
  const std::vector<std::string_view> versioned;
  EXPECT_EQ(tree().scan({first->records, versioned, true, true, 2, {}}, {})->counts.hashed_files,
            2U)
      << "read_everything";
}

TEST_F(ScanTest, ARacyRecordIsNotBelieved) {
  write("a", "one");
  age("a");
  let_time_pass();
  auto records = scan()->records;
  ASSERT_EQ(records.size(), 1U);
  EXPECT_FALSE(records[0].racy);
  records[0].racy = true;
  EXPECT_EQ(scan(records)->counts.hashed_files, 1U);
  // Another device number alone, as after a restart, is no reason to read.
  records[0].racy = false;
  records[0].stamp.device += 1;
  EXPECT_EQ(scan(records)->counts.hashed_files, 0U);
  records[0].stamp.ctime_ns += 1;
  EXPECT_EQ(scan(records)->counts.hashed_files, 1U);
}

TEST_F(ScanTest, AFileJustWrittenOrFromTheFutureIsRacy) {
  write("now", "x");
  EXPECT_TRUE(scan()->records[0].racy);
  const timespec future[2] = {{0, UTIME_OMIT}, {4'000'000'000, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, at("now").c_str(), future, 0), 0);
  let_time_pass();
  EXPECT_TRUE(scan()->records[0].racy);
}

TEST_F(ScanTest, AnEditOfTheSameSizeAtOnceIsAlwaysSeen) {
  constexpr int kRounds = 3000;
  const std::string path = at("f");
  std::map<char, Sha256Digest> hashes;
  for (const char c : {'A', 'B'})
    hashes[c] = sha256(as_bytes(std::string_view(&c, 1)));
  std::vector<FileRecord> known;
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  for (int i = 0; i < kRounds; ++i) {
    const char content = i % 2 == 0 ? 'A' : 'B';
    ASSERT_EQ(::pwrite(fd, &content, 1, 0), 1);
    auto found = scan(known, {}, 1);
    ASSERT_TRUE(found);
    ASSERT_EQ(found->entries.size(), 1U);
    ASSERT_EQ(found->entries[0].sha256, hashes[content]) << "round " << i;
    if (!found->records.empty()) known = std::move(found->records);
  }
  ::close(fd);
}

// How it is stored is found out when it is.
TEST_F(ScanTest, ALargeFileIsDescribedByItsHash) {
  std::string content(17 << 20, 'a');
  content[5 << 20] = 'b';
  write_text(at("large"), content);
  const auto found = scan();
  ASSERT_EQ(found->entries.size(), 1U);
  EXPECT_EQ(found->entries[0].form, ContentForm::whole);
  EXPECT_EQ(found->entries[0].sha256, sha256(as_bytes(content)));
  EXPECT_EQ(found->entries[0].content, found->entries[0].sha256);
  EXPECT_EQ(found->entries[0].size_bytes, 17U << 20);
}

TEST_F(ScanTest, AFileThatKeepsGrowingIsUnstableAndNotReported) {
  write("log", std::string(9 << 20, 'x'));
  write("quiet", "x");
  const Fd log(::open(at("log").c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  const std::vector<FileRecord> known;
  const std::vector<std::string_view> versioned;
  int appended = 0;
  // Progress is told every few MiB: in the middle of the file, each time it is read.
  const auto found = tree().scan({known, versioned, true, false, 1,
                                  [&](std::uint64_t, std::uint64_t) {
                                    appended += static_cast<int>(::write(log.get(), "y", 1));
                                  }},
                                 {});
  ASSERT_TRUE(found);
  EXPECT_GE(appended, 3);
  EXPECT_EQ(paths_of(found->entries), (Paths{"quiet"}));
  EXPECT_EQ(problems(*found), (Paths{"unstable log"}));
}

TEST_F(ScanTest, ProgressIsReportedAndAStopIsHeard) {
  make_folder("d");
  for (int i = 0; i < 4200; ++i)
    ::close(::open(at("d/" + std::to_string(i)).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
  write("d/e/f", "");
  const std::vector<FileRecord> known;
  const std::vector<std::string_view> versioned;
  std::atomic<std::uint64_t> most = 0;
  const auto found = tree().scan(
      {known, versioned, true, false, 2,
       [&](std::uint64_t entries, std::uint64_t) { most = std::max(most.load(), entries); }},
      {});
  ASSERT_TRUE(found);
  EXPECT_GT(most, 4000U);
  std::stop_source stopped;
  stopped.request_stop();
  EXPECT_TRUE(tree()
                  .scan({known, versioned, true, false, 2, {}}, stopped.get_token())
                  .failed_with(Code::cancelled));
}

TEST_F(ScanTest, TheNumberOfWorkersChangesNothing) {
  for (int i = 0; i < 300; ++i)
    write("d" + std::to_string(i % 7) + "/e" + std::to_string(i % 5) + "/" + std::to_string(i),
          std::to_string(i));
  const auto one = scan({}, {}, 1);
  const auto four = scan({}, {}, 4);
  EXPECT_EQ(one->entries, four->entries);
  EXPECT_EQ(one->stamps, four->stamps);
  reopen({WalkMethod::components, {}, {}});
  EXPECT_EQ(scan({}, {}, 2)->entries, one->entries);
}

TEST_F(ScanTest, WhatCannotBeReadIsAProblemAndNeverSilentlyGone) {
  write("readable", "x");
  write("secret", "x");
  write("locked/inside", "x");
  write("blind/inside", "x");
  write("rules/.gitignore", "*.o\n");
  write("rules/a.o", "x");
  ASSERT_TRUE(as_ordinary_user(root(), [&] {
    ::chmod(at("secret").c_str(), 0);
    ::chmod(at("locked").c_str(), 0);
    ::chmod(at("blind").c_str(), 0444);  // its names can be listed, but not what they are
    ::chmod(at("rules/.gitignore").c_str(), 0);
    reopen();
    const auto found = scan();
    EXPECT_EQ(problems(*found), (Paths{"unreadable blind/inside", "unreadable locked",
                                       "unreadable rules/.gitignore", "unreadable secret"}));
    EXPECT_EQ(paths_of(found->entries),
              (Paths{"blind", "locked", "readable", "rules", "rules/a.o"}));
    // What was known before and did not change need not be read.
    FileRecord record{"secret",           stamp("secret"),       sha256(as_bytes("x")),
                      ContentForm::whole, sha256(as_bytes("x")), false};
    const std::vector<FileRecord> known{record};
    EXPECT_EQ(scan(known)->entries[4].path, "rules/a.o");
    EXPECT_EQ(scan(known)->entries[5].path, "secret");
    for (const char* path : {"locked", "blind"})
      ::chmod(at(path).c_str(), 0755);
    return true;
  }));
}

TEST_F(ScanTest, AWorkspaceThatCannotBeReadIsAnErrorAndNotEmpty) {
  write("f", "x");
  ASSERT_TRUE(as_ordinary_user(root(), [&] {
    reopen();
    ::chmod(root().c_str(), 0300);
    const auto found = scan();
    ::chmod(root().c_str(), 0755);
    return found.failed_with(Code::denied);
  }));
}

}  // namespace
}  // namespace mikura

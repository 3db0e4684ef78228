// Folders and files that permissions protect, as an ordinary user; and real mount points.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>

#include <thread>

#include "base/file.h"
#include "local/tree_test_fixture.h"

namespace mikura {
namespace {

namespace fs = std::filesystem;

using PermissionsTest = TreeTest;

TEST_F(PermissionsTest, AWriteProtectedFolderIsOpenedForTheMomentAndClosedAgain) {
  write("d/f", "old");
  write("d/g", "old");
  ASSERT_TRUE(as_ordinary_user(root(), [&] {
    ::chmod(at("d").c_str(), 0555);
    reopen();
    EXPECT_TRUE(place("d/new", "x", Expectation::absent()));
    EXPECT_TRUE(place("d/f", "new", node("d/f")));
    EXPECT_TRUE(tree().remove("d/g", node("d/g")));
    EXPECT_TRUE(tree().place_symlink("d/link", "x", Expectation::absent(), 0));
    EXPECT_TRUE(tree().make_directory("d/sub", Expectation::absent()));
    EXPECT_TRUE(tree().make_directory("d/new", node("d/new")));
    EXPECT_TRUE(tree().remove("d/new", Expectation::directory()));
    EXPECT_TRUE(tree().remove("d/missing", Expectation::node({})));
    EXPECT_TRUE(place("d/f", "again", Expectation::absent()).failed_with(Code::conflict));
    EXPECT_EQ(stamp("d").mode & 07777, 0555U);
    EXPECT_EQ(read("d/f"), "new");
    EXPECT_EQ(names_in("d"), (std::vector<std::string>{"f", "link", "sub"}));
    ::chmod(at("d").c_str(), 0755);
    return true;
  }));
}

TEST_F(PermissionsTest, SeveralThreadsInOneProtectedFolderLeaveItProtected) {
  make_folder("d");
  ASSERT_TRUE(as_ordinary_user(root(), [&] {
    ::chmod(at("d").c_str(), 0555);
    reopen();
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 50; ++i) {
          const auto placed =
              place("d/" + std::to_string(t) + "-" + std::to_string(i), "x", Expectation::absent());
          EXPECT_TRUE(placed) << placed.error().message();
        }
      });
    }
    threads.clear();
    const bool is_protected = (stamp("d").mode & 07777) == 0555;
    ::chmod(at("d").c_str(), 0755);
    return is_protected && names_in("d").size() == 200;
  }));
}

TEST_F(PermissionsTest, AFolderOfSomebodyElseIsDeniedAndUnharmed) {
  if (::getuid() != 0) GTEST_SKIP() << "only root can make a folder of somebody else";
  write("d/f", "theirs");
  ASSERT_TRUE(as_ordinary_user(root(), [&] { return true; }));
  ASSERT_EQ(::chown(at("d").c_str(), 0, 0), 0);
  ASSERT_EQ(::chmod(at("d").c_str(), 0755), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    if (::setgid(65534) != 0 || ::setuid(65534) != 0) ::_exit(2);
    reopen();
    const bool denied = place("d/new", "x", Expectation::absent()).failed_with(Code::denied) &&
                        place("d/f", "x", node("d/f")).failed_with(Code::denied) &&
                        tree().remove("d/f", node("d/f")).failed_with(Code::denied);
    ::_exit(denied && temporaries().empty() && backed_up().empty() && read("d/f") == "theirs" ? 0
                                                                                              : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST_F(PermissionsTest, UnreadableFilesAreReplacedAndRemovedToo) {
  write("f", "secret");
  write("g", "secret");
  ASSERT_TRUE(as_ordinary_user(root(), [&] {
    ::chmod(at("f").c_str(), 0);
    ::chmod(at("g").c_str(), 0);
    reopen({{}, {}, ""});
    EXPECT_TRUE(place("f", "new", node("f")));
    EXPECT_TRUE(tree().remove("g", node("g")));
    EXPECT_TRUE(tree().open_file("f"));
    return backed_up().size() == 2;
  }));
}

TEST_F(PermissionsTest, UnreadableFilesOnAnotherFileSystemAreCopiedToTheBackup) {
  write("d/f", "secret");
  ASSERT_TRUE(as_ordinary_user(root(), [&] {
    ::chmod(at("d/f").c_str(), 0);
    reopen({{}, {}, "d"});
    EXPECT_TRUE(place("d/f", "new", node("d/f")));
    const std::string kept = at(tree().backup_folder() + "/d/f");
    struct stat info{};
    EXPECT_EQ(::stat(kept.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777, 0U);
    ::chmod(kept.c_str(), 0600);
    return read_text(kept) == "secret";
  }));
}

// A real mount, in a mount namespace of its own.
template <class Body>
void with_mount(const std::string& folder, Body body) {
  const pid_t child = ::fork();
  if (child == 0) {
    const bool mounted = ::unshare(CLONE_NEWNS | (::getuid() == 0 ? 0 : CLONE_NEWUSER)) == 0 &&
                         ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                         ::mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=4m") == 0;
    if (!mounted) ::_exit(77);
    body();
    ::_exit(testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
    GTEST_SKIP() << "this system does not let us mount";
  EXPECT_EQ(status, 0);
}

TEST_F(PermissionsTest, AFileSystemMountedInTheWorkspaceIsPartOfIt) {
  make_folder("mnt");
  with_mount(at("mnt"), [&] {
    reopen();
    make_folder("mnt/d");
    EXPECT_TRUE(place("mnt/d/f", "one", Expectation::absent(), {0640, kSomeTime}));
    const auto placed = place("mnt/d/f", "two", node("mnt/d/f"), {0600, kSomeTime});
    EXPECT_TRUE(placed) << placed.error().message();
    EXPECT_EQ(read("mnt/d/f"), "two");
    EXPECT_EQ(backup("mnt/d/f"), "one");
    EXPECT_NE(placed->device, stamp("").device);
    EXPECT_TRUE(tree().place_symlink("mnt/link", "x", Expectation::absent(), kSomeTime));
    EXPECT_TRUE(tree().place_symlink("mnt/link", "y", node("mnt/link"), kSomeTime));
    EXPECT_EQ(paths_of(scan()->entries),
              (std::vector<std::string>{"mnt", "mnt/d", "mnt/d/f", "mnt/link"}));
    EXPECT_TRUE(tree().make_directory("mnt/d/f", node("mnt/d/f")));
    EXPECT_TRUE(tree().remove("mnt/d/f", Expectation::directory()));
    EXPECT_TRUE(tree().remove("mnt/link", node("mnt/link")));
    EXPECT_TRUE(tree().remove("mnt/d", Expectation::directory()));
    EXPECT_TRUE(tree().remove("mnt", Expectation::directory()).failed_with(Code::refused))
        << "something is mounted there";
    EXPECT_TRUE(tree().flush());
    EXPECT_TRUE(temporaries().empty());
    EXPECT_TRUE(names_in("mnt").empty());
  });
}

TEST_F(PermissionsTest, AFullFileSystemLosesNothing) {
  make_folder("mnt");
  with_mount(at("mnt"), [&] {
    reopen();
    write("mnt/f", "precious");
    const auto placed = place("mnt/f", std::string(8 << 20, 'x'), node("mnt/f"));
    EXPECT_TRUE(placed.failed_with(Code::full));
    EXPECT_EQ(read("mnt/f"), "precious");
    EXPECT_EQ(names_in("mnt"), std::vector<std::string>{"f"});
    EXPECT_TRUE(temporaries().empty());
  });
}

}  // namespace
}  // namespace mikura

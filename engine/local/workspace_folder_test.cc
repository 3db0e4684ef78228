#include "local/workspace_folder.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "testing/temp_folder.h"

namespace mikura {
namespace {

namespace fs = std::filesystem;

TEST(WorkspaceFolder, IsFoundFromAnyFolderBeneath) {
  const TempFolder folder;
  const std::string root = fs::canonical(folder.path());
  ASSERT_TRUE(make_workspace_folder(root));
  fs::create_directories(root + "/a/b");
  write_text(root + "/a/file", "x");
  EXPECT_EQ(*find_workspace_root(root), root);
  EXPECT_EQ(*find_workspace_root(root + "/a/b"), root);
  EXPECT_EQ(*find_workspace_root(root + "/a/b/.."), root);
  EXPECT_EQ(*find_workspace_root(root + "/a/file"), root);
}

TEST(WorkspaceFolder, TheNearestOneCounts) {
  const TempFolder folder;
  const std::string root = fs::canonical(folder.path());
  fs::create_directories(root + "/inner/deep");
  ASSERT_TRUE(make_workspace_folder(root));
  ASSERT_TRUE(make_workspace_folder(root + "/inner"));
  EXPECT_EQ(*find_workspace_root(root + "/inner/deep"), root + "/inner");
}

TEST(WorkspaceFolder, ASymlinkInItsPlaceIsNone) {
  const TempFolder folder;
  fs::create_directory(folder / "elsewhere");
  fs::create_directory(folder / "ws");
  fs::create_directory_symlink(folder / "elsewhere", folder / "ws/.mikura");
  EXPECT_TRUE(find_workspace_root(folder / "ws").failed_with(Code::not_found));
  EXPECT_TRUE(make_workspace_folder(folder / "ws").failed_with(Code::refused));
  EXPECT_TRUE(fs::is_empty(folder / "elsewhere"));
}

TEST(WorkspaceFolder, OutsideAWorkspaceTheErrorSaysWhatToDo) {
  const TempFolder folder;
  const auto root = find_workspace_root(folder.path());
  ASSERT_TRUE(root.failed_with(Code::not_found));
  EXPECT_NE(root.error().hint().find("mikura init"), std::string::npos);
  EXPECT_FALSE(find_workspace_root(folder / "missing"));
}

TEST(WorkspaceFolder, IsPrivateAndHiddenFromGit) {
  const TempFolder folder;
  ASSERT_TRUE(make_workspace_folder(folder.path()));
  ASSERT_TRUE(make_workspace_folder(folder.path())) << "again is fine";
  struct stat info{};
  ASSERT_EQ(::stat((folder / ".mikura").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700U);
  EXPECT_TRUE(fs::is_directory(folder / ".mikura/tmp"));
  EXPECT_TRUE(fs::is_directory(folder / ".mikura/backup"));
  EXPECT_EQ(read_text(folder / ".mikura/.gitignore"), "*\n");
}

TEST(WorkspaceFolder, AFileInThePlaceOfAFolderInItIsRefused) {
  const TempFolder folder;
  fs::create_directory(folder / ".mikura");
  write_text(folder / ".mikura/backup", "mine");
  EXPECT_TRUE(make_workspace_folder(folder.path()).failed_with(Code::refused));
  EXPECT_EQ(read_text(folder / ".mikura/backup"), "mine");
}

TEST(WorkspaceLock, ExcludesOthersAndNamesTheOwner) {
  const TempFolder folder;
  ASSERT_TRUE(make_workspace_folder(folder.path()));
  {
    const auto lock = WorkspaceLock::acquire(folder.path());
    ASSERT_TRUE(lock) << lock.error().message();
    const auto second = WorkspaceLock::acquire(folder.path());
    ASSERT_TRUE(second.failed_with(Code::busy));
    EXPECT_NE(second.error().message().find("process " + std::to_string(::getpid())),
              std::string::npos)
        << second.error().message();
  }
  EXPECT_TRUE(WorkspaceLock::acquire(folder.path())) << "released with the object";
}

TEST(WorkspaceLock, AKilledOwnerReleasesIt) {
  const TempFolder folder;
  ASSERT_TRUE(make_workspace_folder(folder.path()));
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto lock = WorkspaceLock::acquire(folder.path());
    if (::write(ready[1], "x", 1) == 1) ::pause();
    ::_exit(1);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_TRUE(WorkspaceLock::acquire(folder.path()).failed_with(Code::busy));
  ::kill(child, SIGKILL);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_TRUE(WorkspaceLock::acquire(folder.path()));
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST(WorkspaceLock, ALockOnADeletedFolderKeepsNobodyOutOfTheNewOne) {
  const TempFolder folder;
  ASSERT_TRUE(make_workspace_folder(folder.path()));
  const auto old = WorkspaceLock::acquire(folder.path());
  ASSERT_TRUE(old);
  fs::remove_all(folder / ".mikura");
  ASSERT_TRUE(make_workspace_folder(folder.path()));
  EXPECT_TRUE(WorkspaceLock::acquire(folder.path()));
}

}  // namespace
}  // namespace mikura

// A workspace in a temporary folder, with the real working tree on it. For the tests of local/.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "local/posix_tree.h"
#include "local/posix_tree_options.h"
#include "local/workspace_folder.h"
#include "testing/temp_folder.h"

namespace mikura {

class SettableClock final : public Clock {
 public:
  std::int64_t now_ns = 1'767'323'045'000'000'000;  // 2026-01-02 03:04:05 UTC
  std::int64_t unix_ns() override { return now_ns; }
  std::chrono::nanoseconds monotonic() override { return std::chrono::nanoseconds(now_ns); }
  bool sleep_for(std::chrono::nanoseconds duration, std::stop_token) override {
    now_ns += duration.count();
    return true;
  }
};

class TreeTest : public testing::Test {
 protected:
  void SetUp() override {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
    ASSERT_TRUE(make_workspace_folder(root()));
    reopen();
  }

  const std::string& root() const { return folder_.path(); }
  std::string at(std::string_view path) const { return folder_ / path; }
  WorkingTree& tree() { return *tree_; }

  void reopen(PosixTreeOptions options = {}) {
    tree_.reset();
    auto tree = open_posix_tree(root(), clock_, system_random(), std::move(options));
    ASSERT_TRUE(tree) << tree.error().message();
    tree_ = *std::move(tree);
  }

  void write(std::string_view path, std::string_view text) const { write_text(at(path), text); }
  std::string read(std::string_view path) const { return read_text(at(path)); }
  bool exists(std::string_view path) const {
    return std::filesystem::exists(std::filesystem::symlink_status(at(path)));
  }
  void make_folder(std::string_view path) const { std::filesystem::create_directories(at(path)); }

  FileStamp stamp(std::string_view path) {
    const auto status = tree().inspect(path);
    EXPECT_TRUE(status && *status) << path;
    return status && *status ? (*status)->stamp : FileStamp{};
  }
  Expectation node(std::string_view path) { return Expectation::node(stamp(path)); }

  std::unique_ptr<StagedFile> stage(std::string_view text) {
    auto staged = tree().stage_file();
    EXPECT_TRUE(staged) << staged.error().message();
    EXPECT_TRUE((*staged)->write(as_bytes(text)));
    EXPECT_TRUE((*staged)->finish());
    return *std::move(staged);
  }
  Result<FileStamp> place(std::string_view path, std::string_view text, const Expectation& expected,
                          Metadata metadata = {0644, kSomeTime}) {
    return tree().place_file(stage(text), path, expected, metadata);
  }

  // What is left in .mikura/tmp.
  std::vector<std::string> temporaries() const { return names_in(".mikura/tmp"); }
  std::vector<std::string> names_in(std::string_view folder) const {
    std::vector<std::string> names;
    for (const auto& file : std::filesystem::directory_iterator(at(folder)))
      names.push_back(file.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }
  // All files in the backup of this run, by path.
  std::string backup(std::string_view path) {
    return read(tree().backup_folder() + "/" + std::string(path));
  }
  // Every file beneath .mikura/backup, relative to the run's folder.
  std::vector<std::string> backed_up() const {
    std::vector<std::string> paths;
    for (const auto& file : std::filesystem::recursive_directory_iterator(at(".mikura/backup"))) {
      if (file.is_directory() && !file.is_symlink()) continue;
      const std::string path = std::filesystem::relative(file.path(), at(".mikura/backup"));
      paths.push_back(path.substr(path.find('/') + 1));
    }
    std::sort(paths.begin(), paths.end());
    return paths;
  }

  Result<ScannedTree> scan(const std::vector<FileRecord>& known = {},
                           const std::vector<std::string_view>& versioned = {},
                           unsigned workers = 2) {
    return tree().scan({known, versioned, true, false, workers, {}}, {});
  }

  static constexpr std::int64_t kSomeTime = 1'600'000'000'123'456'789;

  TempFolder folder_;
  SettableClock clock_;
  std::unique_ptr<WorkingTree> tree_;
};

inline std::vector<std::string> paths_of(const std::vector<Entry>& entries) {
  std::vector<std::string> paths;
  for (const Entry& entry : entries)
    paths.push_back(entry.path);
  return paths;
}

// Runs `body` in a child process as a user whom permissions bind, owning `folder`. True if body()
// was. Root may become nobody; for others it is a plain fork.
template <class Body>
bool as_ordinary_user(const std::string& folder, Body body) {
  constexpr uid_t kNobody = 65534;
  if (::getuid() == 0) {
    if (::chown(folder.c_str(), kNobody, kNobody) != 0) return false;
    for (const auto& file : std::filesystem::recursive_directory_iterator(folder)) {
      if (::lchown(file.path().c_str(), kNobody, kNobody) != 0) return false;
    }
  }
  const pid_t child = ::fork();
  if (child == 0) {
    if (::getuid() == 0 && (::setgid(kNobody) != 0 || ::setuid(kNobody) != 0)) ::_exit(2);
    ::_exit(body() && !testing::Test::HasFailure() ? 0 : 1);
  }
  int status = 0;
  return ::waitpid(child, &status, 0) == child && status == 0;
}

}  // namespace mikura

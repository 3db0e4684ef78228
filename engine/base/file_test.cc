#include "base/file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

namespace mikura {
namespace {

class FileTest : public ::testing::Test {
 protected:
  FileTest() {
    std::string pattern = std::filesystem::temp_directory_path() / "mikura-file-XXXXXX";
    root_ = ::mkdtemp(pattern.data());
  }
  ~FileTest() override { std::filesystem::remove_all(root_); }
  std::string path(std::string_view name) const { return root_ + "/" + std::string(name); }
  std::string root_;
};

TEST_F(FileTest, AtomicWriteReplacesContentAndLeavesNoTemporary) {
  ASSERT_TRUE(write_file_atomically(path("a"), as_bytes("one")));
  ASSERT_TRUE(write_file_atomically(path("a"), as_bytes("two")));
  EXPECT_EQ(as_text(*read_file(path("a"), 100)), "two");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(root_), {}), 1);
}

TEST_F(FileTest, ReadRefusesMoreThanTheLimit) {
  ASSERT_TRUE(write_file_atomically(path("a"), as_bytes("12345")));
  EXPECT_TRUE(read_file(path("a"), 5));
  EXPECT_TRUE(read_file(path("a"), 4).failed_with(Code::full));
}

TEST_F(FileTest, ErrorsNameThePathAndHaveAFittingCode) {
  const auto missing = read_file(path("missing"), 10);
  ASSERT_TRUE(missing.failed_with(Code::not_found));
  EXPECT_NE(missing.error().message().find(path("missing")), std::string::npos);
  EXPECT_TRUE(read_file(root_, 10).failed_with(Code::io));
}

TEST_F(FileTest, DirectoriesAreMadeWithTheirParentsAndMayExist) {
  ASSERT_TRUE(make_directories(path("x/y/z")));
  ASSERT_TRUE(make_directories(path("x/y/z")));
  EXPECT_TRUE(std::filesystem::is_directory(path("x/y/z")));
  ASSERT_TRUE(write_file_atomically(path("f"), {}));
  EXPECT_FALSE(make_directories(path("f/g")));
}

}  // namespace
}  // namespace mikura

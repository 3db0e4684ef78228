#include "store/dir_etag.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <mutex>
#include <thread>
#include <vector>

namespace mikura {
namespace {

struct stat file_info(ino_t inode, std::int64_t time_ns, off_t size) {
  struct stat info{};
  info.st_ino = inode;
  info.st_mtim = {.tv_sec = time_ns / 1'000'000'000, .tv_nsec = time_ns % 1'000'000'000};
  info.st_size = size;
  return info;
}

TEST(DirEtag, StampsOfAllThreadsDifferAndAreNeverRound) {
  std::vector<std::int64_t> stamps;
  std::mutex mutex;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        std::vector<std::int64_t> own;
        for (int i = 0; i < 5000; ++i)
          own.push_back(next_stamp_ns(0));
        EXPECT_TRUE(std::is_sorted(own.begin(), own.end()));
        const std::lock_guard lock(mutex);
        stamps.insert(stamps.end(), own.begin(), own.end());
      });
    }
  }
  std::sort(stamps.begin(), stamps.end());
  EXPECT_EQ(std::adjacent_find(stamps.begin(), stamps.end()), stamps.end());
  for (const std::int64_t stamp : stamps)
    ASSERT_NE(stamp % 1000, 0);
}

TEST(DirEtag, AStampIsLaterThanTheOneBefore) {
  const std::int64_t future = next_stamp_ns(0) + 1'000'000'000'000;
  EXPECT_GT(next_stamp_ns(future), future);
  EXPECT_GT(next_stamp_ns(future - future % 1000 - 1), future - future % 1000 - 1);
}

TEST(DirEtag, TellsApartInodeTimeAndSize) {
  const auto etag = etag_of_stamp(file_info(1, 1'700'000'000'000'000'001, 5));
  ASSERT_TRUE(etag);
  EXPECT_EQ(etag, etag_of_stamp(file_info(1, 1'700'000'000'000'000'001, 5)));
  EXPECT_NE(etag, etag_of_stamp(file_info(2, 1'700'000'000'000'000'001, 5)));
  EXPECT_NE(etag, etag_of_stamp(file_info(1, 1'700'000'000'000'000'002, 5)));
  EXPECT_NE(etag, etag_of_stamp(file_info(1, 1'700'000'000'000'000'001, 6)));
}

TEST(DirEtag, DoesNotBelieveARoundedTime) {
  for (const std::int64_t rounded : {0LL, 1'700'000'000'000'000'000LL, 1'700'000'000'120'000'000LL,
                                     1'700'000'000'000'001'000LL}) {
    EXPECT_FALSE(etag_of_stamp(file_info(1, rounded, 5))) << rounded;
  }
  EXPECT_NE(etag_of_content(as_bytes("a")), etag_of_content(as_bytes("b")));
}

}  // namespace
}  // namespace mikura

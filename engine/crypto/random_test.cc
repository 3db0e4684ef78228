#include "crypto/random.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <thread>
#include <vector>

#include "base/file.h"
#include "base/guarded.h"

namespace mikura {
namespace {

Bytes draw(std::size_t size) {
  Bytes out(size);
  system_random().fill(out);
  return out;
}

// What a forked child draws, brought back through a pipe.
Bytes draw_in_child(std::size_t size) {
  int ends[2] = {-1, -1};
  if (::pipe(ends) != 0) return {};
  const Fd reading(ends[0]);
  Fd writing(ends[1]);
  const pid_t child = ::fork();
  if (child == 0) {
    const Bytes mine = draw(size);
    const bool written = static_cast<bool>(write_fully(writing.get(), mine, "the pipe"));
    ::_exit(written ? 0 : 1);
  }
  writing.reset();
  Bytes out(size);
  const auto count = read_fully(reading.get(), out, "the pipe");
  int status = -1;
  ::waitpid(child, &status, 0);
  if (status != 0 || !count || *count != size) return {};
  return out;
}

TEST(SystemRandom, FillsEveryByteOfAnySize) {
  for (const std::size_t size :
       {1U, 16U, 24U, 1023U, 1024U, 1025U, 4095U, 4096U, 4097U, 100'000U}) {
    // A byte that stays zero in twenty draws was not written (2^-160 otherwise).
    Bytes seen(size);
    for (int i = 0; i < 20; ++i) {
      const Bytes drawn = draw(size);
      for (std::size_t k = 0; k < size; ++k)
        seen[k] |= drawn[k];
    }
    EXPECT_EQ(std::count(seen.begin(), seen.end(), std::byte{0}), 0) << size;
  }
  draw(0);
}

TEST(SystemRandom, DoesNotRepeatItselfAcrossRefills) {
  std::set<Bytes> seen;
  for (int i = 0; i < 5000; ++i)
    EXPECT_TRUE(seen.insert(draw(16)).second);
}

TEST(SystemRandom, ThreadsDoNotShareBytes) {
  Guarded<std::set<Bytes>> seen;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 300; ++i) {
          Bytes drawn = draw(16);
          seen.with([&](std::set<Bytes>& all) { all.insert(std::move(drawn)); });
        }
      });
    }
  }
  EXPECT_EQ(seen.with([](const std::set<Bytes>& all) { return all.size(); }), 8U * 300U);
}

TEST(SystemRandom, AChildDoesNotRepeatItsParentNorItsSiblings) {
  draw(16);  // a filled pool is what a child inherits
  std::set<Bytes> seen;
  for (int i = 0; i < 5; ++i) {
    Bytes childs = draw_in_child(64);
    ASSERT_EQ(childs.size(), 64U);
    EXPECT_TRUE(seen.insert(std::move(childs)).second);
  }
  EXPECT_TRUE(seen.insert(draw(64)).second);
}

TEST(SystemRandom, AGrandchildDoesNotRepeatItsAncestors) {
  draw(16);
  int ends[2] = {-1, -1};
  ASSERT_EQ(::pipe(ends), 0);
  const Fd reading(ends[0]);
  Fd writing(ends[1]);
  const pid_t child = ::fork();
  if (child == 0) {
    // The child itself draws nothing before it forks: its pool is still the parent's.
    const Bytes grandchilds = draw_in_child(64);
    Bytes both = grandchilds;
    append(both, draw(64));
    const bool written = static_cast<bool>(write_fully(writing.get(), both, "the pipe"));
    ::_exit(written ? 0 : 1);
  }
  writing.reset();
  Bytes both(128);
  const auto count = read_fully(reading.get(), both, "the pipe");
  int status = -1;
  ::waitpid(child, &status, 0);
  ASSERT_EQ(status, 0);
  ASSERT_TRUE(count);
  ASSERT_EQ(*count, both.size());
  const std::set<Bytes> all = {to_bytes(ByteSpan(both).first(64)),
                               to_bytes(ByteSpan(both).last(64)), draw(64)};
  EXPECT_EQ(all.size(), 3U);
}

TEST(Random, MakesIds) {
  const auto a = system_random().make_id<PublishId>();
  const auto b = system_random().make_id<PublishId>();
  EXPECT_NE(a, b);
  EXPECT_FALSE(a.is_zero());
}

}  // namespace
}  // namespace mikura

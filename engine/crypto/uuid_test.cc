#include "crypto/uuid.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>
#include <thread>

#include "base/guarded.h"

namespace mikura {
namespace {

constexpr std::int64_t kNow = 1'645'557'742'000;
constexpr std::int64_t kLastMs = (std::int64_t{1} << 48) - 1;

class SetClock final : public Clock {
 public:
  explicit SetClock(std::int64_t unix_ms) : unix_ms_(unix_ms) {}
  void set(std::int64_t unix_ms) { unix_ms_ = unix_ms; }
  // Past the range of nanoseconds in 64 bits nothing can be set: the year 2262.
  std::int64_t unix_ns() override { return unix_ms_ * 1'000'000; }
  std::chrono::nanoseconds monotonic() override { return {}; }
  bool sleep_for(std::chrono::nanoseconds, std::stop_token) override { return true; }

 private:
  std::int64_t unix_ms_;
};

// The same bytes over and over.
class RepeatedRandom final : public Random {
 public:
  explicit RepeatedRandom(Bytes bytes) : bytes_(std::move(bytes)) {}
  void fill(MutableByteSpan out) override {
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = bytes_[i % bytes_.size()];
  }

 private:
  Bytes bytes_;
};

VersionId id(std::string_view text) {
  const auto parsed = parse_uuid_as<VersionId>(text);
  EXPECT_TRUE(parsed) << text;
  return parsed.value_or(VersionId());
}

std::string text(const VersionId& version) {
  return format_uuid(version.bytes());
}

std::int64_t ms(const VersionId& version) {
  return uuid_v7_unix_ms(version.bytes());
}

// The id after `floor` when the clock says `now` and all random bits are zero.
std::string next_after(std::string_view floor, std::int64_t now = kNow) {
  SetClock clock(now);
  RepeatedRandom zeros({std::byte{0}});
  VersionIdGenerator generator(clock, zeros);
  const VersionId next = generator.next(id(floor));
  EXPECT_TRUE(is_uuid_v7(next.bytes()));
  return text(next);
}

TEST(Uuid, TextIsStrict) {
  const std::string good = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
  ASSERT_TRUE(parse_uuid(good));
  EXPECT_EQ(format_uuid(parse_uuid(good)->bytes()), good);
  for (const char* bad :
       {"", "017F22E2-79B0-7CC3-98C4-DC0C0C07398F", "017f22e279b07cc398c4dc0c0c07398f",
        "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}", "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0", "017f22e27-9b0-7cc3-98c4-dc0c0c07398f",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398g", "017f22e2-79b0-7cc3-98c4_dc0c0c07398f",
        "017f22e2--79b07cc3-98c4-dc0c0c07398f", " 17f22e2-79b0-7cc3-98c4-dc0c0c07398f"}) {
    EXPECT_FALSE(parse_uuid(bad)) << bad;
  }
}

// RFC 9562, appendix A.6.
TEST(UuidV7, MatchesThePublishedExample) {
  const VersionId example = id("017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
  EXPECT_TRUE(is_uuid_v7(example.bytes()));
  EXPECT_EQ(ms(example), kNow);

  SetClock clock(kNow);
  // The bits of the example under the time, version and variant are set: they must not matter.
  RepeatedRandom random(from_hex("ffffffffffff"
                                 "fcc3"
                                 "d8c4dc0c0c07398f")
                            .value());
  VersionIdGenerator generator(clock, random);
  EXPECT_EQ(generator.next(), example);
}

TEST(UuidV7, IsToldFromOtherVersionsAndVariants) {
  for (const char c : std::string_view("0123456789abcdef")) {
    std::string version = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
    version[14] = c;
    EXPECT_EQ(is_uuid_v7(id(version).bytes()), c == '7') << version;
    std::string variant = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
    variant[19] = c;
    EXPECT_EQ(is_uuid_v7(id(variant).bytes()), c == '8' || c == '9' || c == 'a' || c == 'b')
        << variant;
  }
}

TEST(VersionIds, CarryTheTimeOfTheClock) {
  SetClock clock(kNow);
  VersionIdGenerator generator(clock, system_random());
  EXPECT_EQ(ms(generator.next()), kNow);
  clock.set(kNow + 1);
  EXPECT_EQ(ms(generator.next()), kNow + 1);
}

TEST(VersionIds, CountUpWithinAMillisecond) {
  SetClock clock(kNow);
  VersionIdGenerator generator(clock, system_random());
  VersionId last = generator.next();
  for (int i = 0; i < 10'000; ++i) {
    const VersionId next = generator.next();
    ASSERT_GT(next, last);
    ASSERT_TRUE(is_uuid_v7(next.bytes()));
    last = next;
  }
  EXPECT_EQ(ms(last), kNow);
}

TEST(VersionIds, GoOnWhenTheClockStepsBack) {
  SetClock clock(kNow);
  VersionIdGenerator generator(clock, system_random());
  const VersionId first = generator.next();
  clock.set(kNow - 86'400'000);
  const VersionId second = generator.next();
  EXPECT_GT(second, first);
  EXPECT_EQ(ms(second), kNow);
  clock.set(-5);
  EXPECT_GT(generator.next(), second);
}

TEST(VersionIds, AreGreaterThanAFloorInTheFuture) {
  EXPECT_EQ(next_after("027f22e2-79b0-7cc3-98c4-dc0c0c07398f"),
            "027f22e2-79b0-7cc3-98c4-dc0c0c073990");
  // A floor of the past does not matter.
  EXPECT_EQ(next_after("017f22e2-79af-7cc3-98c4-dc0c0c07398f"),
            "017f22e2-79b0-7000-8000-000000000000");

  SetClock clock(kNow);
  VersionIdGenerator generator(clock, system_random());
  const VersionId future = id("027f22e2-79b0-7cc3-98c4-dc0c0c07398f");
  const VersionId first = generator.next(future);
  // Remembered: the next one without a floor is greater still.
  EXPECT_GT(generator.next(), first);
}

TEST(VersionIds, OfTwoClientsWhoseClocksAreBehindAreNotTheSame) {
  SetClock clock(kNow);
  const VersionId future = id("027f22e2-79b0-7cc3-98c4-dc0c0c07398f");
  std::set<VersionId> made;
  for (int i = 0; i < 1000; ++i) {
    VersionIdGenerator generator(clock, system_random());
    made.insert(generator.next(future));
  }
  EXPECT_EQ(made.size(), 1000U);
  EXPECT_GT(*made.begin(), future);
}

TEST(VersionIds, CarryAnOverflowPastVariantAndVersionIntoTheTime) {
  EXPECT_EQ(next_after("017f22e2-79b0-7cc3-98c4-dc0cffffffff"),
            "017f22e2-79b0-7cc3-98c4-dc0d00000000");
  EXPECT_EQ(next_after("017f22e2-79b0-7cc3-bfff-ffffffffffff"),
            "017f22e2-79b0-7cc4-8000-000000000000");
  EXPECT_EQ(next_after("017f22e2-79b0-7fff-bfff-ffffffffffff"),
            "017f22e2-79b1-7000-8000-000000000000");
  EXPECT_EQ(next_after("017f22ff-ffff-7fff-bfff-ffffffffffff"),
            "017f2300-0000-7000-8000-000000000000");
}

TEST(VersionIds, FollowAFloorThatIsNoUuidV7) {
  EXPECT_EQ(next_after("017f22e2-79b0-4cc3-98c4-dc0c0c07398f"),
            "017f22e2-79b0-7000-8000-000000000000");
  EXPECT_EQ(next_after("027f22e2-79b0-4cc3-98c4-dc0c0c07398f"),
            "027f22e2-79b0-7000-8000-000000000000");
  EXPECT_EQ(next_after("027f22e2-79b0-fcc3-98c4-dc0c0c07398f"),
            "027f22e2-79b1-7000-8000-000000000000");
  EXPECT_EQ(next_after("027f22e2-79b0-7cc3-18c4-dc0c0c07398f"),
            "027f22e2-79b0-7cc3-8000-000000000000");
  EXPECT_EQ(next_after("027f22e2-79b0-7cc3-f8c4-dc0c0c07398f"),
            "027f22e2-79b0-7cc4-8000-000000000000");
  EXPECT_EQ(next_after("027f22e2-79b0-7fff-f8c4-dc0c0c07398f"),
            "027f22e2-79b1-7000-8000-000000000000");
}

TEST(VersionIds, IgnoreAForgedFloorThatLeavesNoRoom) {
  SetClock clock(kNow);
  VersionIdGenerator generator(clock, system_random());
  const VersionId first = generator.next();
  for (const char* forged :
       {"ffffffff-ffff-7fff-bfff-ffffffffffff", "ffffffff-ffff-7000-8000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff"}) {
    const VersionId next = generator.next(id(forged));
    EXPECT_GT(next, first);
    EXPECT_EQ(ms(next), kNow);
  }
  // The last floor with room above it, and still enough room for all that follow.
  VersionId last = generator.next(id("ffffffff-fffe-7fff-bfff-ffffffffffff"));
  EXPECT_EQ(text(last).substr(0, 24), "ffffffff-ffff-7000-8000-");
  for (int i = 0; i < 1000; ++i) {
    const VersionId next = generator.next();
    ASSERT_GT(next, last);
    ASSERT_TRUE(is_uuid_v7(next.bytes()));
    last = next;
  }
  EXPECT_EQ(ms(last), kLastMs);
}

RC_GTEST_PROP(VersionIds, AreValidAndGreaterThanAnyFloorAndAllBefore, ()) {
  SetClock clock(kNow);
  VersionIdGenerator generator(clock, system_random());
  VersionId last;
  const auto steps =
      *rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(-1000, 1000));
  for (const std::int64_t step : steps) {
    clock.set(kNow + step);
    VersionId floor;
    const auto bytes = *rc::gen::container<std::vector<std::uint8_t>>(
        16, rc::gen::element<std::uint8_t>(0, 1, 0x7f, 0xff));
    std::copy_n(std::as_bytes(std::span(bytes)).begin(), 16, floor.mutable_bytes().begin());
    const VersionId next = generator.next(floor);
    RC_ASSERT(is_uuid_v7(next.bytes()));
    RC_ASSERT(next > last);
    if (ms(floor) < kLastMs) RC_ASSERT(next > floor);
    last = next;
  }
}

TEST(VersionIds, AreDistinctOnManyThreads) {
  SetClock clock(kNow);
  VersionIdGenerator generator(clock, system_random());
  Guarded<std::set<VersionId>> seen;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&] {
        VersionId last;
        for (int i = 0; i < 300; ++i) {
          const VersionId next = generator.next();
          EXPECT_GT(next, last);
          last = next;
          seen.with([&](std::set<VersionId>& all) { all.insert(next); });
        }
      });
    }
  }
  EXPECT_EQ(seen.with([](const std::set<VersionId>& all) { return all.size(); }), 8U * 300U);
}

TEST(RepositoryIds, AreRandomUuidsOfVersion4) {
  const RepositoryId a = make_repository_id(system_random());
  const RepositoryId b = make_repository_id(system_random());
  EXPECT_NE(a, b);
  for (const RepositoryId& made : {a, b}) {
    const std::string shown = format_uuid(made.bytes());
    EXPECT_EQ(shown[14], '4');
    EXPECT_NE(std::string_view("89ab").find(shown[19]), std::string_view::npos);
  }
}

}  // namespace
}  // namespace mikura

#include "crypto/uuid.h"

#include <algorithm>
#include <cstdint>

namespace mikura {
namespace {

constexpr std::int64_t kMaxUnixMs = (1LL << 48) - 1;

unsigned at(std::span<const std::byte, 16> bytes, std::size_t i) {
  return std::to_integer<unsigned>(bytes[i]);
}

void set_version_and_variant(std::span<std::byte, 16> bytes, unsigned version) {
  bytes[6] = static_cast<std::byte>((std::to_integer<unsigned>(bytes[6]) & 0x0f) | (version << 4));
  bytes[8] = static_cast<std::byte>((std::to_integer<unsigned>(bytes[8]) & 0x3f) | 0x80);
}

VersionId fresh(std::int64_t unix_ms, Random& random) {
  auto id = random.make_id<VersionId>();
  const auto bytes = id.mutable_bytes();
  for (unsigned i = 0; i < 6; ++i)
    bytes[i] = static_cast<std::byte>((unix_ms >> (8 * (5 - i))) & 0xff);
  set_version_and_variant(bytes, 7);
  return id;
}

std::uint64_t load(std::span<const std::byte, 8> bytes) {
  std::uint64_t value = 0;
  for (const std::byte b : bytes)
    value = value << 8 | std::to_integer<std::uint64_t>(b);
  return value;
}

void store(std::uint64_t value, std::span<std::byte, 8> bytes) {
  for (unsigned i = 0; i < 8; ++i)
    bytes[i] = static_cast<std::byte>((value >> (8 * (7 - i))) & 0xff);
}

// Counts the random bits up, carrying past version and variant into the time.
VersionId count_up(std::uint64_t high, std::uint64_t low, std::uint64_t by) {
  constexpr std::uint64_t kRandom62 = (std::uint64_t{1} << 62) - 1;
  const std::uint64_t sum = (low & kRandom62) + by;
  low = (low & ~kRandom62) | (sum & kRandom62);
  if (sum > kRandom62) {
    const bool random_full = (high & 0xfff) == 0xfff;
    high = random_full ? (high & ~std::uint64_t{0xffff}) + 0x1'0000 + 0x7000 : high + 1;
  }
  VersionId next;
  store(high, next.mutable_bytes().first<8>());
  store(low, next.mutable_bytes().last<8>());
  return next;
}

// A UUIDv7 that is greater than `id`, which need not be one itself, by little and by chance: two
// clients whose clocks are behind, or two attempts of one, must not count on to the same id.
// Requires a time below the last millisecond.
VersionId successor(const VersionId& id, Random& random) {
  ByteArray<8> bits{};
  random.fill(std::span(bits).last<5>());
  const std::uint64_t leap = load(bits);             // 40 bits
  std::uint64_t high = load(id.bytes().first<8>());  // time 48 | version 4 | random 12
  std::uint64_t low = load(id.bytes().last<8>());    // variant 2 | random 62
  const std::uint64_t version = high >> 12 & 0xf;
  const std::uint64_t variant = low >> 62;
  constexpr std::uint64_t kVersion7 = 0x7000;
  constexpr std::uint64_t kVariant2 = 0x8000'0000'0000'0000;
  constexpr std::uint64_t kLastRandom = (std::uint64_t{1} << 62) - 1;
  if (version != 7 || variant != 2) {
    // The least one that is greater, and from there.
    const bool beyond = version != 7 ? version > 7 : variant > 2;
    if (version != 7) high = (high & ~std::uint64_t{0xffff}) | kVersion7 | (beyond ? 0xfff : 0);
    if (!beyond) return count_up(high, kVariant2, leap);
    const VersionId next = count_up(high, kVariant2 | kLastRandom, 1);
    return count_up(load(next.bytes().first<8>()), kVariant2, leap);
  }
  return count_up(high, low, leap + 1);
}

}  // namespace

std::string format_uuid(std::span<const std::byte, 16> bytes) {
  std::string text = to_hex(bytes);
  for (const std::size_t dash : {8U, 13U, 18U, 23U})
    text.insert(dash, 1, '-');
  return text;
}

std::optional<Uuid> parse_uuid(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  std::string hex;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash != (text[i] == '-')) return std::nullopt;
    if (!dash) hex.push_back(text[i]);
  }
  return Uuid::from_hex(hex);
}

bool is_uuid_v7(std::span<const std::byte, 16> bytes) {
  return (at(bytes, 6) >> 4) == 7 && (at(bytes, 8) >> 6) == 2;
}

std::int64_t uuid_v7_unix_ms(std::span<const std::byte, 16> bytes) {
  std::int64_t ms = 0;
  for (std::size_t i = 0; i < 6; ++i)
    ms = ms << 8 | at(bytes, i);
  return ms;
}

RepositoryId make_repository_id(Random& random) {
  auto id = random.make_id<RepositoryId>();
  set_version_and_variant(id.mutable_bytes(), 4);
  return id;
}

VersionId VersionIdGenerator::next(const VersionId& floor) {
  const std::lock_guard lock(mutex_);
  // Nothing but a forged index lies in the last millisecond of the range (the year 10889): there
  // may be nothing above it.
  const bool usable = uuid_v7_unix_ms(floor.bytes()) < kMaxUnixMs;
  const VersionId above = usable ? std::max(last_, floor) : last_;
  VersionId id = fresh(std::clamp<std::int64_t>(clock_.unix_ms(), 0, kMaxUnixMs - 1), random_);
  // The clock stands still or went back: count on from the last one (RFC 9562, 6.2, method 2).
  if (!(id > above)) id = successor(above, random_);
  last_ = id;
  return id;
}

}  // namespace mikura

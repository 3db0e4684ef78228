#include "crypto/uuid.h"

#include <algorithm>

namespace mikura {
namespace {

constexpr std::int64_t kMaxUnixMs = (1LL << 48) - 1;

unsigned at(std::span<const std::byte, 16> bytes, std::size_t i) { return std::to_integer<unsigned>(bytes[i]); }

void set_version_and_variant(std::span<std::byte, 16> bytes, unsigned version) {
  bytes[6] = static_cast<std::byte>((std::to_integer<unsigned>(bytes[6]) & 0x0f) | (version << 4));
  bytes[8] = static_cast<std::byte>((std::to_integer<unsigned>(bytes[8]) & 0x3f) | 0x80);
}

VersionId fresh(std::int64_t unix_ms, Random& random) {
  auto id = random.make_id<VersionId>();
  const auto bytes = id.mutable_bytes();
  for (unsigned i = 0; i < 6; ++i) bytes[i] = static_cast<std::byte>((unix_ms >> (8 * (5 - i))) & 0xff);
  set_version_and_variant(bytes, 7);
  return id;
}

// The next id in order: adds one to the 74 random bits, carrying into the time.
VersionId successor(VersionId id) {
  const auto bytes = id.mutable_bytes();
  for (int i = 15; i >= 0; --i) {
    const unsigned mask = i == 8 ? 0x3f : i == 6 ? 0x0f : 0xff;
    const unsigned value = std::to_integer<unsigned>(bytes[static_cast<std::size_t>(i)]);
    const unsigned counted = ((value & mask) + 1) & mask;
    bytes[static_cast<std::size_t>(i)] = static_cast<std::byte>((value & ~mask) | counted);
    if (counted != 0) break;
  }
  return id;
}

}  // namespace

std::string format_uuid(std::span<const std::byte, 16> bytes) {
  std::string text = to_hex(bytes);
  for (const std::size_t dash : {8U, 13U, 18U, 23U}) text.insert(dash, 1, '-');
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

bool is_uuid_v7(std::span<const std::byte, 16> bytes) { return (at(bytes, 6) >> 4) == 7 && (at(bytes, 8) >> 6) == 2; }

std::int64_t uuid_v7_unix_ms(std::span<const std::byte, 16> bytes) {
  std::int64_t ms = 0;
  for (std::size_t i = 0; i < 6; ++i) ms = ms << 8 | at(bytes, i);
  return ms;
}

RepositoryId make_repository_id(Random& random) {
  auto id = random.make_id<RepositoryId>();
  set_version_and_variant(id.mutable_bytes(), 4);
  return id;
}

VersionId VersionIdGenerator::next(const VersionId& floor) {
  const std::lock_guard lock(mutex_);
  const VersionId above = std::max(last_, floor);
  VersionId id = fresh(std::clamp<std::int64_t>(clock_.unix_ms(), 0, kMaxUnixMs), random_);
  // The clock stands still or went back: count on from the last one (RFC 9562, 6.2, method 2).
  if (!(id > above)) id = successor(above);
  last_ = id;
  return id;
}

}  // namespace mikura

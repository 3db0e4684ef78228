// Uuid, and UUIDv7 (RFC 9562, section 5.7) generated in strictly increasing order.
//
// The generator never goes back: when the clock steps back or many ids fall into one millisecond it
// counts on (RFC 9562, 6.2, method 2: monotonic random). Thread-safe.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/id.h"
#include "crypto/random.h"

namespace mikura {

using Uuid = Id<struct UuidTag, 16>;
// The id of a version, and of its index: a UUIDv7.
using VersionId = Id<struct VersionIdTag, 16>;
// The id of a repository: a random UUID (version 4).
using RepositoryId = Id<struct RepositoryIdTag, 16>;

// 8-4-4-4-12 lower-case hexadecimal.
std::string format_uuid(std::span<const std::byte, 16> bytes);
// Strict: lower case, dashes in place.
std::optional<Uuid> parse_uuid(std::string_view text);

template <class IdType>
std::optional<IdType> parse_uuid_as(std::string_view text) {
  const auto uuid = parse_uuid(text);
  if (!uuid) return std::nullopt;
  return IdType(uuid->bytes());
}

// Version and variant bits as RFC 9562 requires.
bool is_uuid_v7(std::span<const std::byte, 16> bytes);
std::int64_t uuid_v7_unix_ms(std::span<const std::byte, 16> bytes);

RepositoryId make_repository_id(Random& random);

class VersionIdGenerator {
 public:
  VersionIdGenerator(Clock& clock, Random& random) : clock_(clock), random_(random) {}

  // Greater than every id this object made before, and than `floor`; a floor in the future is
  // counted on from. A floor in the last millisecond that a UUIDv7 can express is forged, and
  // ignored.
  VersionId next(const VersionId& floor = {});

 private:
  Clock& clock_;
  Random& random_;
  std::mutex mutex_;
  VersionId last_;
};

}  // namespace mikura

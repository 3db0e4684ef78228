#include "store/bandwidth.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace mikura {

using std::chrono::nanoseconds;

Result<std::uint64_t> parse_bandwidth(std::string_view text) {
  constexpr std::uint64_t kLeast = 1024;
  constexpr std::uint64_t kMost = 1ULL << 40;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  std::uint64_t factor = 1;
  for (const auto& [letter, size] :
       {std::pair('K', 10U), std::pair('M', 20U), std::pair('G', 30U)}) {
    if (!unit.starts_with(letter)) continue;
    factor = 1ULL << size;
    unit.remove_prefix(1);
    break;
  }
  const bool bits = unit == "b/s";
  const bool plain = unit.empty() && factor == 1;
  const bool good =
      error == std::errc() && (bits || plain || unit == "B/s") && value <= kMost / factor;
  const std::uint64_t bytes = good ? value * factor / (bits ? 8 : 1) : 0;
  if (bytes >= kLeast) return bytes;
  return Error(Code::invalid, "'" + std::string(text) + "' is no bandwidth (max_bandwidth)")
      .with_hint("Write it as 50MB/s, 512KB/s or, in bits, 100Mb/s; at least 1KB/s.");
}

Result<void> Bandwidth::pass(std::uint64_t bytes, const std::stop_token& stop) {
  if (bytes_per_second_ == 0 || bytes == 0) return {};
  const nanoseconds now = clock_.monotonic();
  const nanoseconds turn = free_at_.with([&](nanoseconds& free_at) {
    const nanoseconds begin = std::max(free_at, now);
    const double seconds = static_cast<double>(bytes) / static_cast<double>(bytes_per_second_);
    free_at =
        begin + std::chrono::duration_cast<nanoseconds>(std::chrono::duration<double>(seconds));
    return begin;
  });
  if (turn <= now || clock_.sleep_for(turn - now, stop)) return {};
  return Error(Code::cancelled, "stopped while waiting for bandwidth");
}

}  // namespace mikura

#include "cli/figures.h"

#include <fmt/format.h>

#include <charconv>
#include <fstream>

#include "base/log.h"

namespace mikura {
namespace {

// A flush asks nothing of a server; the other verbs of StoreRequest are requests.
constexpr std::array kRequestVerbs = {"get", "get_range", "put", "remove", "list"};

}  // namespace

void Figures::count(const StoreRequest& request) {
  if (log_enabled(LogLevel::debug)) {
    log_debug(fmt::format("{:9} {}  sent {} B, received {} B, {:.1f} ms: {}", request.verb,
                          request.name, request.sent_bytes, request.received_bytes,
                          static_cast<double>(request.duration_us) / 1000, request.outcome));
  }
  counts_.with([&](Counts& counts) {
    ++counts.requests[request.verb];
    counts.bytes_sent += request.sent_bytes;
    counts.bytes_received += request.received_bytes;
  });
}

void Figures::add_to(Json& document) const {
  const auto elapsed = std::chrono::steady_clock::now() - started_;
  counts_.with([&](const Counts& counts) {
    Json requests = {{"total", 0}};
    std::uint64_t total = 0;
    for (const char* const verb : kRequestVerbs) {
      const auto found = counts.requests.find(verb);
      const std::uint64_t n = found == counts.requests.end() ? 0 : found->second;
      requests[verb] = n;
      total += n;
    }
    requests["total"] = total;
    document["requests"] = std::move(requests);
    document["bytes_sent"] = counts.bytes_sent;
    document["bytes_received"] = counts.bytes_received;
  });
  document["elapsed_ms"] = std::chrono::duration_cast<std::chrono::milliseconds>(elapsed).count();
  document["peak_memory_bytes"] = peak_memory_bytes();
}

std::uint64_t peak_memory_bytes() {
  // Not getrusage: its maximum also holds what the parent used before it started us.
  std::ifstream status("/proc/self/status");
  constexpr std::string_view kField = "VmHWM:";
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with(kField)) continue;
    const std::size_t digits = line.find_first_of("0123456789");
    if (digits == std::string::npos) return 0;
    std::uint64_t kib = 0;
    std::from_chars(line.data() + digits, line.data() + line.size(), kib);
    return kib * 1024;
  }
  return 0;
}

}  // namespace mikura

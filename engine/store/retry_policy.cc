#include "store/retry_policy.h"

#include <algorithm>

namespace mikura {

using std::chrono::duration_cast;
using std::chrono::nanoseconds;

namespace {

using Seconds = std::chrono::duration<double>;

nanoseconds in_nanoseconds(Seconds seconds) {
  return duration_cast<nanoseconds>(seconds);
}

}  // namespace

std::optional<nanoseconds> retry_delay(const RetryPolicy& policy, unsigned failed_attempts,
                                       double chance, nanoseconds retry_after) {
  if (failed_attempts >= policy.max_attempts || retry_after > policy.max_retry_after)
    return std::nullopt;
  nanoseconds longest = policy.first_delay;
  for (unsigned i = 1; i < failed_attempts && longest < policy.max_delay; ++i)
    longest *= 2;
  longest = std::min(longest, policy.max_delay);
  const nanoseconds jittered = in_nanoseconds(Seconds(longest) * chance);
  // Added, not the larger of both: all callers were told the same time and must not come back
  // together.
  return retry_after > nanoseconds(0) ? retry_after + std::min(jittered, policy.first_delay)
                                      : jittered;
}

std::optional<nanoseconds> RetryBudget::take(const RetryPolicy& policy, nanoseconds now) {
  const nanoseconds interval = in_nanoseconds(Seconds(1 / policy.retries_per_second));
  const nanoseconds depth = in_nanoseconds(Seconds(policy.burst / policy.retries_per_second));
  const nanoseconds full_at = std::max(full_at_, now) + interval;
  const nanoseconds wait = std::max(full_at - now - depth, nanoseconds(0));
  if (wait > policy.max_delay) return std::nullopt;
  full_at_ = full_at;
  return wait;
}

}  // namespace mikura

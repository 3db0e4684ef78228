// When to try again, and when to stop: the arithmetic of store/retrying_store.h.
//
// Pure: time and chance are arguments. Thread-safety: plain values.
#pragma once

#include <chrono>
#include <optional>

namespace mikura {

struct RetryPolicy {
  unsigned max_attempts =
      8;  // of one call, the first included; about seven seconds with the delays below
  std::chrono::nanoseconds first_delay = std::chrono::milliseconds(100);
  std::chrono::nanoseconds max_delay = std::chrono::seconds(20);
  // A server that wants to be left alone for longer is not waited for: the call fails and says so.
  std::chrono::nanoseconds max_retry_after = std::chrono::seconds(60);

  // All calls of one store together: a burst of retries, then so many a second. What is over that
  // waits for its turn, so that sixty callers do not beat a dead server sixty times as hard as one,
  // and a short outage still ends well.
  double burst = 100;
  double retries_per_second = 20;
};

// How long to wait after `failed_attempts` (from 1) of a call; nullopt to give up. Exponential with
// full jitter: uniform between nothing and first_delay * 2^(failed_attempts - 1), at most
// max_delay. `chance` is uniform in [0, 1). `retry_after` is what the server asked for, or zero:
// never less than that.
std::optional<std::chrono::nanoseconds> retry_delay(const RetryPolicy& policy,
                                                    unsigned failed_attempts, double chance,
                                                    std::chrono::nanoseconds retry_after);

// The turns of a store's retries. Invariant: in any span of t seconds at most burst + t *
// retries_per_second turns.
class RetryBudget {
 public:
  // How long after `now` the next turn is, which is thereby taken: zero while there is budget.
  // nullopt, and nothing is taken, if it is further away than max_delay. `now` does not run
  // backwards.
  std::optional<std::chrono::nanoseconds> take(const RetryPolicy& policy,
                                               std::chrono::nanoseconds now);

 private:
  // When the budget will be full again. Each turn moves it on by one interval.
  std::chrono::nanoseconds full_at_ = std::chrono::nanoseconds::min();
};

}  // namespace mikura

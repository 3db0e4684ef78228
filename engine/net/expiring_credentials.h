// ExpiringCredentials: the base of every source whose credentials run out.
//
// Keeps what the source gave and asks again five minutes before it expires, so that a request never
// leaves with credentials that are about to end. While one thread asks, others go on with what is
// still valid, or wait. If asking early fails, the old ones serve to their end; a minute passes
// between attempts, also when this machine's clock says that what is new has expired already.
//
// Thread-safe; fetch() is never called by two threads at once.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

#include "base/clock.h"
#include "net/credentials.h"

namespace mikura {

class ExpiringCredentials : public CredentialProvider {
 public:
  explicit ExpiringCredentials(Clock& clock) : clock_(clock) {}

  Result<std::shared_ptr<const Credentials>> get(std::stop_token stop) final;
  void discard(const Credentials& refused) final;

 protected:
  // Asks the source. Same codes as get().
  virtual Result<Credentials> fetch(std::stop_token stop) = 0;
  Clock& clock() const { return clock_; }

 private:
  using Shared = std::shared_ptr<const Credentials>;

  Result<Shared> keep(Result<Credentials> fetched);
  bool is_fresh() const;
  bool is_valid() const;

  Clock& clock_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable_any fetched_;
  bool fetching_ = false;
  Shared current_;
  std::int64_t next_fetch_unix_ms_ = 0;
};

}  // namespace mikura

#include "net/expiring_credentials.h"

#include <algorithm>

#include "base/log.h"
#include "base/task_group.h"

namespace mikura {
namespace {

constexpr std::int64_t kRenewEarlyMs = 300'000;
constexpr std::int64_t kBetweenFetchesMs = 60'000;

}  // namespace

Result<std::shared_ptr<const Credentials>> ExpiringCredentials::get(std::stop_token stop) {
  TRY(check_stop(stop));
  {
    std::unique_lock lock(mutex_);
    for (;;) {
      if (is_fresh()) return current_;
      if (!fetching_) break;
      if (is_valid()) return current_;
      if (!fetched_.wait(lock, stop, [&] { return !fetching_; }))
        return Error(Code::cancelled, "stopped while waiting for credentials");
    }
    fetching_ = true;
  }
  return keep(fetch(std::move(stop)));
}

Result<std::shared_ptr<const Credentials>> ExpiringCredentials::keep(Result<Credentials> fetched) {
  const std::lock_guard lock(mutex_);
  fetching_ = false;
  fetched_.notify_all();
  const std::int64_t now = clock_.unix_ms();
  if (fetched) {
    current_ = std::make_shared<const Credentials>(*std::move(fetched));
    next_fetch_unix_ms_ =
        std::max(current_->expires_unix_ms.value_or(0) - kRenewEarlyMs, now + kBetweenFetchesMs);
    return current_;
  }
  if (!is_valid() || fetched.failed_with(Code::cancelled)) return std::move(fetched).error();
  log_info("credentials could not be renewed yet: " + fetched.error().message());
  next_fetch_unix_ms_ = now + kBetweenFetchesMs;
  return current_;
}

void ExpiringCredentials::discard(const Credentials& refused) {
  const std::lock_guard lock(mutex_);
  // Another thread may have renewed them in the meantime.
  if (current_ != nullptr && current_->access_key_id == refused.access_key_id &&
      std::ranges::equal(current_->session_token.expose(), refused.session_token.expose())) {
    current_.reset();
  }
}

bool ExpiringCredentials::is_fresh() const {
  return current_ != nullptr &&
         (!current_->expires_unix_ms || clock_.unix_ms() < next_fetch_unix_ms_);
}

bool ExpiringCredentials::is_valid() const {
  return current_ != nullptr &&
         (!current_->expires_unix_ms || clock_.unix_ms() < *current_->expires_unix_ms);
}

}  // namespace mikura

#include "net/mfa_sessions.h"

namespace mikura {

std::shared_ptr<MfaSessions> make_mfa_sessions() {
  return std::make_shared<MfaSessions>();
}

Credentials duplicate(const Credentials& credentials) {
  Credentials copy;
  copy.access_key_id = credentials.access_key_id;
  copy.secret_access_key = SecretBytes(credentials.secret_access_key.expose());
  copy.session_token = SecretBytes(credentials.session_token.expose());
  copy.expires_unix_ms = credentials.expires_unix_ms;
  copy.source = credentials.source;
  return copy;
}

Result<Credentials> MfaSessions::get(const Wanted& wanted, std::stop_token stop,
                                     const std::function<Result<Credentials>()>& begin) {
  std::unique_lock lock(mutex_);
  Entry& entry = entries_[wanted.role];
  if (!changed_.wait(lock, stop, [&] { return !entry.beginning; }))
    return Error(Code::cancelled, "stopped while waiting for a session");
  const auto& known = entry.session;
  if (known && known->access_key_id != wanted.other_than &&
      known->expires_unix_ms.value_or(0) > wanted.valid_after_unix_ms) {
    return duplicate(*known);
  }
  entry.beginning = true;
  lock.unlock();
  auto begun = begin();
  lock.lock();
  entry.beginning = false;
  if (begun) entry.session = duplicate(*begun);
  changed_.notify_all();
  return begun;
}

}  // namespace mikura

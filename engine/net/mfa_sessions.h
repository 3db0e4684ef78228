// MfaSessions: the sessions that were begun with codes of MFA devices.
//
// A device's code serves once, and a person is to be asked once for each session, not once for each
// store that the process opens. In memory only; wiped at the end. Thread-safe.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "net/credentials.h"
#include "net/mfa.h"

namespace mikura {

Credentials duplicate(const Credentials& credentials);

class MfaSessions {
 public:
  // Which of the known sessions serve.
  struct Wanted {
    std::string role;                      // all that tells it from others
    std::int64_t valid_after_unix_ms = 0;  // it ends later than that
    std::string other_than{};              // an access key id that serves no more, or empty
  };
  // A session that is known, or the one that `begin` gets, which may ask a person. Of several that
  // want the same role at once one begins; the others take what it got, or begin themselves if it
  // got nothing. Code::cancelled on a stop.
  Result<Credentials> get(const Wanted& wanted, std::stop_token stop,
                          const std::function<Result<Credentials>()>& begin);

 private:
  struct Entry {
    bool beginning = false;
    std::optional<Credentials> session;
  };

  std::mutex mutex_;  // guards entries_
  std::condition_variable_any changed_;
  std::map<std::string, Entry> entries_;  // never erased: references stay good
};

}  // namespace mikura

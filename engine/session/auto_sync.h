// AutoSync: when to sync by itself, and when to ask the repository (M4.6, O3, O4).
//
// Pure: a state machine that is told what happened and says what to do next and when. Nothing here
// runs, sleeps or reads a clock, so that days of use are tested in milliseconds; watch.h drives it.
// One thread.
//
// What always holds:
// * at most one round is under way: after next() said check or sync, nothing more until
//   round_finished();
// * a change that is seen is followed by a round that begins after it, at the latest after
//   max_wait, unless paused or stopped;
// * while the store cannot be reached the delays grow, with jitter, to the poll interval at most,
//   and everything resumes by itself;
// * after a problem that will not go away by itself nothing is tried until resume() or configure().
// Time is monotonic; the wall clock serves only to notice that the machine slept or its clock was
// set: then the repository is asked at once, and no deadline moves.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/uuid.h"

namespace mikura {

struct AutoSyncSettings {
  bool on_change = true;  // sync after local changes have settled
  std::chrono::milliseconds quiet{2'000};
  std::chrono::milliseconds max_wait{30'000};
  std::chrono::seconds poll{300};  // how often HEAD is asked; 0 = never
  bool sync = true;                // false: look only, publish and apply nothing
  friend bool operator==(const AutoSyncSettings&, const AutoSyncSettings&) = default;
};

struct Moment {
  std::chrono::nanoseconds monotonic{0};
  std::int64_t wall_ms = 0;
};

enum class AutoActivity : std::uint8_t {
  idle,
  waiting,   // a change was seen and settles, or a short retry is due
  checking,  // one conditional request for HEAD
  syncing,
  offline,  // the store cannot be reached; goes on trying
  paused,
  stopped,  // a problem that will not go away by itself
};
std::string_view activity_name(AutoActivity activity);

struct AutoProblem {
  Code code = Code::internal;
  std::string message, hint;
  bool retryable = false;
  friend bool operator==(const AutoProblem&, const AutoProblem&) = default;
};

// The last round that ended well.
struct LastSync {
  std::int64_t at_ms = 0;
  std::optional<VersionId> published;
  std::uint64_t generation = 0;
  std::uint64_t uploaded_bytes = 0, downloaded_bytes = 0;
  friend bool operator==(const LastSync&, const LastSync&) = default;
};

struct AutoSyncState {
  AutoActivity activity = AutoActivity::idle;
  std::optional<std::int64_t> next_ms;  // wall clock; when something will be done
  std::optional<std::int64_t> paused_until_ms;
  std::optional<LastSync> last_sync;
  std::optional<AutoProblem> problem;
  friend bool operator==(const AutoSyncState&, const AutoSyncState&) = default;
};

// What a round came to.
struct RoundOutcome {
  std::optional<Error> error;
  bool remote_has_news = false;  // check: HEAD is not what the folder was synced with
  LastSync done;                 // sync: what was done
};

class AutoSync {
 public:
  // `seed` spreads many clients: no two of them poll in step.
  AutoSync(const AutoSyncSettings& settings, Moment now, std::uint64_t seed);

  // Also ends `stopped`: what was wrong may have been put right.
  void configure(const AutoSyncSettings& settings, Moment now);
  void change_seen(Moment now);
  // A run that somebody asked for by hand ended: it counts as a round.
  void ran_by_hand(const RoundOutcome& outcome, Moment now);
  void pause(Moment now, std::optional<std::chrono::seconds> duration);
  // Ends `paused` and `stopped`; syncs soon.
  void resume(Moment now);

  enum class What : std::uint8_t { nothing, check, sync };
  struct Next {
    What what = What::nothing;
    std::optional<std::chrono::nanoseconds> at;  // nothing: when to ask again at the latest
  };
  // What to do now. check and sync begin a round.
  Next next(Moment now);
  void round_finished(const RoundOutcome& outcome, Moment now);

  AutoSyncState state(Moment now) const;
  const AutoSyncSettings& settings() const { return settings_; }

 private:
  using Time = std::chrono::nanoseconds;

  void notice_clock(Moment now);
  void settle(const RoundOutcome& outcome, What round, Moment now);
  void fail(const Error& error, Moment now);
  Time jittered(Time delay);
  void schedule_poll(Time now);
  std::optional<Time> change_due() const;
  std::optional<Time> due() const;

  AutoSyncSettings settings_;
  std::uint64_t random_;
  Moment last_seen_;
  What round_ = What::nothing;
  std::optional<Time> first_change_, last_change_;
  bool sync_now_ = false;  // a check found news, or somebody resumed
  std::optional<Time> poll_at_;
  std::optional<Time> retry_at_;
  unsigned failures_ = 0;
  bool offline_ = false;
  bool stopped_ = false;
  bool paused_ = false;
  std::optional<Time> paused_until_;
  std::optional<LastSync> last_sync_;
  std::optional<AutoProblem> problem_;
};

}  // namespace mikura

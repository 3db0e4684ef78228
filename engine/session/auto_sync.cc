#include "session/auto_sync.h"

#include <algorithm>

namespace mikura {
namespace {

using namespace std::chrono_literals;
using Time = std::chrono::nanoseconds;

constexpr Time kFirstRetry = 2s;
constexpr Time kLastRetry = 300s;
constexpr unsigned kMaxDoublings = 16;
// The wall clock ran ahead of the monotonic one by this much: the machine slept, or was set.
constexpr std::int64_t kSleptMs = 10'000;

// What will not be otherwise the next time, unless somebody does something about it.
bool needs_somebody(Code code) {
  switch (code) {
    case Code::transient:
    case Code::conflict:
    case Code::busy:
    case Code::cancelled:
    case Code::full:
    case Code::io:
      return false;
    case Code::not_found:
    case Code::already_exists:
    case Code::denied:
    case Code::no_credentials:
    case Code::wrong_key:
    case Code::corrupt:
    case Code::rollback:
    case Code::invalid:
    case Code::refused:
    case Code::unsupported:
    case Code::internal:
      return true;
  }
  return true;
}

}  // namespace

std::string_view activity_name(AutoActivity activity) {
  switch (activity) {
    case AutoActivity::idle:
      return "idle";
    case AutoActivity::waiting:
      return "waiting";
    case AutoActivity::checking:
      return "checking";
    case AutoActivity::syncing:
      return "syncing";
    case AutoActivity::offline:
      return "offline";
    case AutoActivity::paused:
      return "paused";
    case AutoActivity::stopped:
      return "stopped";
  }
  return "idle";
}

AutoSync::AutoSync(const AutoSyncSettings& settings, Moment now, std::uint64_t seed)
    : settings_(settings), random_(seed), last_seen_(now) {
  // What happened while nobody watched is looked for at once.
  sync_now_ = true;
}

void AutoSync::configure(const AutoSyncSettings& settings, Moment now) {
  notice_clock(now);
  settings_ = settings;
  if (!settings_.on_change) first_change_ = last_change_ = std::nullopt;
  if (stopped_) {
    stopped_ = false;
    problem_.reset();
    sync_now_ = true;
  }
  schedule_poll(now.monotonic);
}

void AutoSync::change_seen(Moment now) {
  notice_clock(now);
  if (!settings_.on_change) return;
  if (!first_change_) first_change_ = now.monotonic;
  last_change_ = now.monotonic;
}

void AutoSync::ran_by_hand(const RoundOutcome& outcome, Moment now) {
  notice_clock(now);
  if (outcome.error && outcome.error->code() == Code::cancelled) return;
  settle(outcome, What::sync, now);
}

void AutoSync::pause(Moment now, std::optional<std::chrono::seconds> duration) {
  notice_clock(now);
  paused_ = true;
  paused_until_.reset();
  if (duration) paused_until_ = now.monotonic + *duration;
}

void AutoSync::resume(Moment now) {
  notice_clock(now);
  paused_ = stopped_ = false;
  paused_until_.reset();
  problem_.reset();
  retry_at_.reset();
  sync_now_ = true;
}

// After a sleep the repository has most likely moved on, and an interval that was half over before
// it would be a long wait now. Deadlines stay: they are in monotonic time.
void AutoSync::notice_clock(Moment now) {
  const std::int64_t passed_ms = (now.monotonic - last_seen_.monotonic) / 1ms;
  const std::int64_t by_the_wall_ms = now.wall_ms - last_seen_.wall_ms;
  last_seen_ = now;
  if (by_the_wall_ms - passed_ms < kSleptMs) return;
  if (settings_.poll > 0s) poll_at_ = now.monotonic;
  if (retry_at_) retry_at_ = now.monotonic;
}

// Between 90 % and 110 %.
Time AutoSync::jittered(Time delay) {
  random_ += 0x9e3779b97f4a7c15;
  std::uint64_t bits = random_;
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
  bits ^= bits >> 31;
  const auto permille = static_cast<std::int64_t>(900 + bits % 201);
  return delay / 1000 * permille;
}

void AutoSync::schedule_poll(Time now) {
  poll_at_.reset();
  if (settings_.poll > 0s) poll_at_ = now + jittered(settings_.poll);
}

std::optional<Time> AutoSync::change_due() const {
  if (!first_change_) return std::nullopt;
  return std::min<Time>(*last_change_ + settings_.quiet, *first_change_ + settings_.max_wait);
}

// When the next round begins. A retry holds back everything else: what failed would fail again.
std::optional<Time> AutoSync::due() const {
  if (retry_at_) return retry_at_;
  if (sync_now_) return Time::min();
  const auto change = change_due();
  if (change && poll_at_) return std::min(*change, *poll_at_);
  return change ? change : poll_at_;
}

AutoSync::Next AutoSync::next(Moment now) {
  notice_clock(now);
  if (paused_ && paused_until_ && *paused_until_ <= now.monotonic) resume(now);
  if (round_ != What::nothing || stopped_) return {};
  if (paused_) return {What::nothing, paused_until_};
  const auto at = due();
  if (!at || *at > now.monotonic) return {What::nothing, at};

  const auto change = change_due();
  const bool wants_sync =
      sync_now_ || retry_at_.has_value() || (change && *change <= now.monotonic);
  round_ = wants_sync && settings_.sync ? What::sync : What::check;
  // A change that still settles keeps its turn when the repository is only asked.
  if (wants_sync) first_change_ = last_change_ = std::nullopt;
  retry_at_.reset();
  sync_now_ = false;
  return {round_, std::nullopt};
}

void AutoSync::round_finished(const RoundOutcome& outcome, Moment now) {
  notice_clock(now);
  const What round = round_;
  round_ = What::nothing;
  settle(outcome, round, now);
}

void AutoSync::settle(const RoundOutcome& outcome, What round, Moment now) {
  schedule_poll(now.monotonic);
  if (outcome.error) return fail(*outcome.error, now);
  failures_ = 0;
  offline_ = stopped_ = false;
  retry_at_.reset();
  problem_.reset();
  if (round == What::check) {
    if (outcome.remote_has_news && settings_.sync) sync_now_ = true;
    return;
  }
  last_sync_ = outcome.done;
  last_sync_->at_ms = now.wall_ms;
}

void AutoSync::fail(const Error& error, Moment now) {
  problem_ =
      AutoProblem{error.code(), error.message(), error.hint(), !needs_somebody(error.code())};
  offline_ = error.code() == Code::transient;
  if (needs_somebody(error.code())) {
    stopped_ = true;
    return;
  }
  const Time last = settings_.poll > 0s ? std::min<Time>(kLastRetry, settings_.poll) : kLastRetry;
  const Time delay = kFirstRetry * (1LL << std::min(failures_, kMaxDoublings));
  ++failures_;
  retry_at_ = now.monotonic + std::max<Time>(jittered(std::min(delay, std::max(last, kFirstRetry))),
                                             error.retry_after());
}

AutoSyncState AutoSync::state(Moment now) const {
  AutoSyncState state;
  state.last_sync = last_sync_;
  state.problem = problem_;
  const auto wall = [&](Time at) {
    return now.wall_ms + std::max<std::int64_t>((at - now.monotonic) / 1ms, 0);
  };
  if (round_ != What::nothing) {
    state.activity = round_ == What::sync ? AutoActivity::syncing : AutoActivity::checking;
    return state;
  }
  if (stopped_) {
    state.activity = AutoActivity::stopped;
    return state;
  }
  if (paused_) {
    state.activity = AutoActivity::paused;
    if (paused_until_) state.paused_until_ms = wall(*paused_until_);
    return state;
  }
  if (offline_)
    state.activity = AutoActivity::offline;
  else if (first_change_ || retry_at_ || sync_now_)
    state.activity = AutoActivity::waiting;
  if (const auto at = due()) state.next_ms = *at <= now.monotonic ? now.wall_ms : wall(*at);
  return state;
}

}  // namespace mikura
